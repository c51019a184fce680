import { type CryptoKey, exportSPKI, generateKeyPair, importJWK, UnsecuredJWT } from 'jose';
import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ApiUnderTest, openApi } from '../test/api-under-test.ts';
import { ALL_SCOPES, AUDIENCE, type IssuerUnderTest, openIssuer, type Signer } from '../test/issuer-under-test.ts';
import { createOidcAuthenticator } from './auth/oidc.ts';

const ROUTES = [
  ['GET', '/api/jobs', 'jobs:read'],
  ['GET', '/api/jobs/x', 'jobs:read'],
  ['GET', '/api/jobs/x/next', 'jobs:read'],
  ['POST', '/api/jobs', 'jobs:write'],
  ['PATCH', '/api/jobs/x', 'jobs:write'],
  ['PUT', '/api/jobs/x', 'jobs:write'],
  ['DELETE', '/api/jobs/x', 'jobs:write'],
  ['POST', '/api/jobs/x/pause', 'jobs:write'],
  ['POST', '/api/jobs/x/resume', 'jobs:write'],
  ['POST', '/api/jobs/x/run', 'runs:write'],
  ['GET', '/api/events', 'runs:read'],
  ['GET', '/api/runs', 'runs:read'],
  ['GET', '/api/runs/0193a1b2c3d4e5f601234567', 'runs:read'],
  ['POST', '/api/runs/0193a1b2c3d4e5f601234567/cancel', 'runs:write'],
  ['POST', '/api/runs/0193a1b2c3d4e5f601234567/retry', 'runs:write'],
] as const;
/** Routes that ask for more than one scope. */
const SHARED_ROUTES = [['GET', '/api/jobs/x/ticks', ['jobs:read', 'runs:read']]] as const;
const OPEN_ROUTES = ['/api/status', '/api/openapi.json', '/api/docs', '/healthz', '/readyz'];

const now = (): number => Math.floor(Date.now() / 1_000);
const headerOf = (token: string): string => `Bearer ${token}`;

let issuer: IssuerUnderTest;
let api: ApiUnderTest;
let stranger: Signer;

const openWith = (url: string, audience?: string): Promise<ApiUnderTest> => {
  const authenticator = createOidcAuthenticator({ issuer: url, ...(audience === undefined ? {} : { audience }) });
  return openApi({ auth: { kind: 'oidc', issuer: url, authenticator }, events: { lifetimeMs: 20 } });
};

beforeAll(async () => {
  issuer = await openIssuer();
  api = await openWith(issuer.url, AUDIENCE);
  const { privateKey } = await generateKeyPair('RS256');
  stranger = { alg: 'RS256', kid: 'rsa', key: privateKey };
});
afterAll(async () => {
  await api.close();
  await issuer.stop();
});

/** The issuer's public key, used as the shared secret of an HMAC: what a careless verifier would accept. */
async function signedWithPublicKey(): Promise<string> {
  const jwks = (await (await fetch(`${issuer.url}/keys`)).json()) as { keys: Record<string, string>[] };
  const publicKey = await importJWK(jwks.keys.find((key) => key['kid'] === 'rsa') ?? {}, 'RS256', {
    extractable: true,
  });
  const pem = await exportSPKI(publicKey as CryptoKey);
  const claims = { iss: issuer.url, aud: AUDIENCE, sub: 'x', exp: now() + 60, scope: ALL_SCOPES };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part({ alg: 'HS256', kid: 'rsa', typ: 'JWT' })}.${part(claims)}`;
  return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`;
}

const unsecured = (): string =>
  new UnsecuredJWT({ scope: ALL_SCOPES }).setIssuer(issuer.url).setAudience(AUDIENCE).setExpirationTime('1h').encode();

async function tampered(): Promise<string> {
  const [header, payload, signature] = (await issuer.token({ scope: '' })).split('.');
  const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as object;
  const changed = Buffer.from(JSON.stringify({ ...claims, scope: ALL_SCOPES })).toString('base64url');
  return `${header}.${changed}.${signature}`;
}

const BAD: readonly (readonly [string, () => Promise<string | undefined> | string | undefined])[] = [
  ['no token', () => undefined],
  ['an empty header', () => ''],
  ['another scheme', () => 'Basic Z3Vlc3Q6Z3Vlc3Q='],
  ['no token after the scheme', () => 'Bearer '],
  ['two tokens', async () => `Bearer ${await issuer.token()} ${await issuer.token()}`],
  ['garbage', () => 'Bearer garbage'],
  ['garbage in three parts', () => 'Bearer a.b.c'],
  ['a token without a signature (alg none)', () => headerOf(unsecured())],
  ['a public key as a shared secret (HS256)', async () => headerOf(await signedWithPublicKey())],
  ['the key of a stranger', async () => headerOf(await issuer.token({}, stranger))],
  ['a key that is not published', async () => headerOf(await issuer.token({}, { ...stranger, kid: 'other' }))],
  ['changed claims', async () => headerOf(await tampered())],
  ['another issuer', async () => headerOf(await issuer.token({ iss: 'https://elsewhere.example' }))],
  ['the issuer with a slash', async () => headerOf(await issuer.token({ iss: `${issuer.url}/` }))],
  ['no issuer', async () => headerOf(await issuer.token({ iss: undefined }))],
  ['another audience', async () => headerOf(await issuer.token({ aud: 'simple-scheduler-cli' }))],
  ['no audience', async () => headerOf(await issuer.token({ aud: undefined }))],
  ['a time that is over', async () => headerOf(await issuer.token({ exp: now() - 31 }))],
  ['no end', async () => headerOf(await issuer.token({ exp: undefined }))],
  ['an end that is no number', async () => headerOf(await issuer.token({ exp: 'never' }))],
  ['a time that is still to come', async () => headerOf(await issuer.token({ nbf: now() + 90 }))],
  ['an ID token', async () => headerOf(await issuer.token({ typ: 'ID' }))],
];

describe('without a good token', () => {
  it.each(BAD)('%s: every route answers 401 with a challenge', async (_title, header) => {
    const authorization = await header();
    for (const [method, url] of ROUTES) {
      const response = await api.send(method, url, undefined, authorization === undefined ? {} : { authorization });
      expect([method, url, response.statusCode]).toEqual([method, url, 401]);
      const challenge = String(response.headers['www-authenticate']);
      expect(challenge).toMatch(/^Bearer realm="simple-scheduler"/);
      expect(challenge.includes('error="invalid_token"')).toBe(authorization !== undefined);
      expect(response.json()).toMatchObject({ code: 'unauthorized' });
    }
  });

  it('nothing of the request is read before: neither a bad body nor an unknown job shows', async () => {
    for (const body of ['{', '{"__proto__":1}', 'x'.repeat(1_100_000)]) {
      expect((await api.send('POST', '/api/jobs', body)).statusCode).toBe(401);
    }
    expect((await api.send('GET', '/api/jobs/a%2Fb')).statusCode).toBe(401);
    expect((await api.store.listJobs({ limit: 1 })).jobs).toEqual([]);
  });

  it('what everyone may see is still there', async () => {
    for (const url of OPEN_ROUTES) expect([url, (await api.send('GET', url)).statusCode]).toEqual([url, 200]);
  });
});

describe('with a token', () => {
  it.each(ROUTES)('%s %s needs its scope, and no other will do', async (method, url, scope) => {
    const send = async (scopes: unknown) =>
      api.send(method, url, undefined, { authorization: headerOf(await issuer.token({ scope: scopes })) });
    const others = ALL_SCOPES.split(' ').filter((one) => one !== scope);
    for (const scopes of [
      others.join(' '),
      others,
      undefined,
      '',
      [],
      `${scope}x`,
      scope.toUpperCase(),
      `x${scope}`,
      7,
      null,
      { 0: scope },
      [[scope]],
      scope.replace(':', ' '),
    ]) {
      const response = await send(scopes);
      expect([scopes, response.statusCode]).toEqual([scopes, 403]);
      expect(response.json()).toMatchObject({ code: 'forbidden', missing_scopes: [scope] });
      expect(response.headers['www-authenticate']).toBe(
        `Bearer realm="simple-scheduler", error="insufficient_scope", scope="${scope}"`,
      );
    }
    for (const scopes of [scope, [scope], `openid ${scope}  profile`, ['openid', scope]]) {
      expect([401, 403]).not.toContain((await send(scopes)).statusCode);
    }
  });

  it.each(SHARED_ROUTES)('%s %s needs all of its scopes', async (method, url, scopes) => {
    const send = async (scope: string) =>
      api.send(method, url, undefined, { authorization: headerOf(await issuer.token({ scope })) });
    const [first, second] = scopes;
    for (const [scope, ...missing] of [
      ['', first, second],
      ['jobs:write runs:write', first, second],
      [first, second],
      [`${second} jobs:write`, first],
    ] as const) {
      const response = await send(scope);
      expect([scope, response.statusCode]).toEqual([scope, 403]);
      expect(response.json()).toMatchObject({ code: 'forbidden', missing_scopes: missing });
      expect(response.headers['www-authenticate']).toContain(`scope="${missing.join(' ')}"`);
    }
    expect([401, 403]).not.toContain((await send(`${second} ${first}`)).statusCode);
  });

  it.each(['RS256', 'ES256', 'EdDSA'] as const)('signed with %s it is accepted', async (alg) => {
    const authorization = headerOf(await issuer.token({}, issuer.keys[alg]));
    expect((await api.send('GET', '/api/jobs', undefined, { authorization })).statusCode).toBe(200);
  });

  it.each([
    ['a clock that is a little behind', () => ({ exp: now() - 20 })],
    ['a clock that is a little ahead', () => ({ nbf: now() + 20 })],
    ['several audiences', () => ({ aud: ['account', AUDIENCE] })],
  ])('it is accepted with %s', async (_title, claims) => {
    const authorization = headerOf(await issuer.token(claims()));
    expect((await api.send('GET', '/api/jobs', undefined, { authorization })).statusCode).toBe(200);
  });

  it('it may come with any spelling of the scheme, in the header only', async () => {
    const token = await issuer.token();
    expect((await api.send('GET', '/api/jobs', undefined, { authorization: `bEARER  ${token}` })).statusCode).toBe(200);
    expect((await api.send('GET', `/api/jobs?access_token=${token}`)).statusCode).toBe(401);
  });

  it('no audience is asked for where none is set', async () => {
    const open = await openWith(issuer.url);
    try {
      const authorization = headerOf(await issuer.token({ aud: 'anyone' }));
      expect((await open.send('GET', '/api/jobs', undefined, { authorization })).statusCode).toBe(200);
    } finally {
      await open.close();
    }
  });

  it('the keys are read once for many', async () => {
    const { send, close } = await openWith(issuer.url, AUDIENCE);
    try {
      issuer.asked.length = 0;
      const authorization = headerOf(await issuer.token());
      await Promise.all(Array.from({ length: 20 }, () => send('GET', '/api/jobs', undefined, { authorization })));
      await send('GET', '/api/jobs', undefined, {
        authorization: headerOf(await issuer.token({}, { ...stranger, kid: 'x' })),
      });
      expect(issuer.asked).toEqual(['/realm/.well-known/openid-configuration', '/realm/keys']);
    } finally {
      await close();
    }
  });
});

describe('an issuer that is away', () => {
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });

  async function start(document?: (url: string) => object): Promise<{ own: IssuerUnderTest; late: ApiUnderTest }> {
    const own = await openIssuer(document === undefined ? {} : { document });
    const late = await openWith(own.url, AUDIENCE);
    opened.push({ close: () => own.stop() }, late);
    return { own, late };
  }

  it('makes it 503 and not 401, and shows on readyz, until it is there', async () => {
    const { own, late } = await start();
    late.readiness.set('issuer', createOidcAuthenticator({ issuer: own.url }).check);
    await own.stop();
    const authorization = headerOf(await own.token());
    const response = await late.send('GET', '/api/jobs', undefined, { authorization });
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '2']);
    expect((await late.send('GET', '/api/jobs')).statusCode).toBe(401);
    const ready = await late.app.inject('/readyz');
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toMatchObject({
      checks: { issuer: { ok: false, reason: expect.stringContaining('does not answer') } },
    });
    await own.start();
    await expect
      .poll(async () => (await late.send('GET', '/api/jobs', undefined, { authorization })).statusCode, {
        timeout: 10_000,
        interval: 200,
      })
      .toBe(200);
    await expect
      .poll(async () => (await late.app.inject('/readyz')).statusCode, { timeout: 10_000, interval: 200 })
      .toBe(200);
  }, 30_000);

  it('does not lock out those whose keys are known', async () => {
    const { own, late } = await start();
    const authorization = headerOf(await own.token());
    expect((await late.send('GET', '/api/jobs', undefined, { authorization })).statusCode).toBe(200);
    expect((await late.app.inject('/readyz')).json()).toMatchObject({ issuer: 'reachable' });
    await own.stop();
    expect((await late.send('GET', '/api/jobs', undefined, { authorization })).statusCode).toBe(200);
  });

  it.each([
    [
      'names another issuer',
      () => ({ issuer: 'https://elsewhere.example', jwks_uri: 'https://elsewhere.example/keys' }),
    ],
    ['names no issuer', (url: string) => ({ jwks_uri: `${url}/keys` })],
    ['says not where the keys are', (url: string) => ({ issuer: url })],
    ['keeps its keys in a file', (url: string) => ({ issuer: url, jwks_uri: 'file:///etc/passwd' })],
    ['points to no keys', (url: string) => ({ issuer: url, jwks_uri: `${url}/nothing` })],
  ])('is one that %s', async (_title, document) => {
    const { own, late } = await start(document);
    const authorization = headerOf(await own.token());
    expect((await late.send('GET', '/api/jobs', undefined, { authorization })).statusCode).toBe(503);
  });
});

describe('without authentication', () => {
  let open: ApiUnderTest;
  beforeAll(async () => {
    open = await openApi();
  });
  afterAll(() => open.close());

  it.each(['localhost', 'localhost:8080', '127.0.0.1:8080', '127.1.2.3', '[::1]:8080'])(
    'this machine is let in as %s',
    async (host) => {
      expect((await open.send('GET', '/api/jobs', undefined, { host })).statusCode).toBe(200);
      expect(
        (await open.send('GET', '/api/jobs', undefined, { host, origin: 'http://localhost:3000' })).statusCode,
      ).toBe(200);
    },
  );

  it.each([
    [{ host: 'attacker.example:8080' }],
    [{ host: 'localhost.attacker.example' }],
    [{ host: '127.0.0.1.attacker.example' }],
    [{ host: '10.0.0.1' }],
    [{ host: 'localhost', origin: 'https://attacker.example' }],
    [{ host: 'localhost', origin: 'null' }],
    [{ host: 'localhost', 'sec-fetch-site': 'cross-site' }],
  ])('pages of others are not: %j', async (headers) => {
    for (const [method, url] of [
      ['GET', '/api/jobs'],
      ['POST', '/api/jobs/x/run'],
      ['GET', '/api/status'],
    ] as const) {
      const response = await open.send(method, url, undefined, headers);
      expect([response.statusCode, response.json<{ code: string }>().code]).toEqual([403, 'forbidden']);
    }
  });
});

describe('every route', () => {
  it('declares who may use it, or the app is not built', async () => {
    const { default: Fastify } = await import('fastify');
    const { guardRoutes } = await import('./auth/access.ts');
    const app = Fastify();
    guardRoutes(app, async () => undefined);
    expect(() => app.get('/api/new', () => 'x')).toThrow('route GET /api/new does not declare its access');
    for (const access of ['jobs:all', ['jobs:read', 'jobs:all'], []] as never[])
      expect(() => app.get('/api/new', { config: { access } }, () => 'x')).toThrow('access');
    await app.close();
  });

  it('is in the table of this test', () => {
    const paths = (
      api.app.swagger() as { paths: Record<string, Record<string, { security?: { bearer?: string[] }[] }>> }
    ).paths;
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security }]) => {
        const url = path.replace('{name}', 'x').replace('{id}', '0193a1b2c3d4e5f601234567');
        return [method.toUpperCase(), url, security?.[0]?.bearer?.join('+')].join(' ');
      }),
    );
    const shared = SHARED_ROUTES.map(([method, url, scopes]) => `${method} ${url} ${scopes.join('+')}`);
    const single = ROUTES.map((route) => route.join(' '));
    expect(documented.sort()).toEqual([...single, ...shared, 'GET /api/status '].sort());
  });
});
