import { afterEach, describe, expect, it } from 'vitest';
import { type ApiUnderTest, openApi } from '../test/api-under-test.ts';
import { AUDIENCE, type IssuerUnderTest, openIssuer } from '../test/issuer-under-test.ts';
import { createOidcAuthenticator } from './auth/oidc.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function open(limits: Parameters<typeof openApi>[0] & {}): Promise<ApiUnderTest> {
  const api = await openApi(limits);
  opened.push(api);
  return api;
}

async function openGuarded(requestsPerMinute: number): Promise<{ api: ApiUnderTest; issuer: IssuerUnderTest }> {
  const issuer = await openIssuer();
  opened.push({ close: () => issuer.stop() });
  const authenticator = createOidcAuthenticator({ issuer: issuer.url, audience: AUDIENCE });
  const auth = { kind: 'oidc' as const, issuer: issuer.url, authenticator };
  return { api: await open({ auth, limits: { requestsPerMinute } }), issuer };
}

const limitsOf = (headers: Record<string, unknown>): unknown[] =>
  ['limit', 'remaining'].map((name) => Number(headers[`ratelimit-${name}`]));

describe('the rate limit', () => {
  it('tells how much is left, and refuses what is too much with 429', async () => {
    const api = await open({ limits: { requestsPerMinute: 2 } });
    expect(limitsOf((await api.send('GET', '/api/jobs')).headers)).toEqual([2, 1]);
    expect(limitsOf((await api.send('GET', '/api/runs')).headers)).toEqual([2, 0]);
    const refused = await api.send('POST', '/api/jobs', { name: 'a' });
    expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([429, 'too_many_requests']);
    expect(limitsOf(refused.headers)).toEqual([2, 0]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(await api.store.getJob('a')).toBeNull();
  });

  it('counts each address for itself, and none where there is no limit', async () => {
    const api = await open({ limits: { requestsPerMinute: 1 } });
    const from = async (remoteAddress: string): Promise<number> =>
      (await api.app.inject({ url: '/api/jobs', remoteAddress })).statusCode;
    expect([await from('10.0.0.1'), await from('10.0.0.1'), await from('10.0.0.2')]).toEqual([200, 429, 200]);
    expect([await from('2001:db8::1'), await from('2001:db8::2'), await from('2001:db8:0:1::1')]).toEqual([
      200, 429, 200,
    ]);
    const unlimited = await open({});
    expect((await unlimited.send('GET', '/api/jobs')).headers).not.toHaveProperty('ratelimit-limit');
  });

  it('counts callers by their checked tokens, however many they have and wherever they come from', async () => {
    const { api, issuer } = await openGuarded(2);
    const as = async (sub: string): Promise<number> => {
      const headers = { authorization: `Bearer ${await issuer.token({ sub, jti: Math.random() })}` };
      return (await api.send('GET', '/api/jobs', undefined, headers)).statusCode;
    };
    expect([await as('ann'), await as('ann'), await as('ann'), await as('bob')]).toEqual([200, 200, 429, 200]);
  });

  it('counts nobody who is kept out, as the document says: 401 and 403 tell of no limit', async () => {
    const { api, issuer } = await openGuarded(2);
    const headers = { authorization: `Bearer ${await issuer.token({ scope: 'runs:read' })}` };
    for (const [status, sent] of [
      [401, {}],
      [403, headers],
    ] as const) {
      const response = await api.send('GET', '/api/jobs', undefined, sent);
      expect([response.statusCode, Object.hasOwn(response.headers, 'ratelimit-limit')]).toEqual([status, false]);
    }
    expect(limitsOf((await api.send('GET', '/api/runs', undefined, headers)).headers)).toEqual([2, 1]);
  });

  it('does not let bad tokens be tried without end, and does not count them for their owner', async () => {
    const { api, issuer } = await openGuarded(3);
    const send = async (token: string, remoteAddress = '10.0.0.1'): Promise<number> =>
      (await api.app.inject({ url: '/api/jobs', remoteAddress, headers: { authorization: `Bearer ${token}` } }))
        .statusCode;
    const statuses = [];
    for (let i = 0; i < 5; i += 1) statuses.push(await send(`guess-${i}`));
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect(await send(await issuer.token(), '10.0.0.2')).toBe(200);
  });
});

describe('compression', () => {
  it('is used for large answers where it is asked for', async () => {
    const api = await open({});
    for (let i = 0; i < 20; i += 1) await api.send('POST', '/api/jobs', { name: `job-${i}` });
    const plain = await api.send('GET', '/api/jobs');
    expect(plain.headers).not.toHaveProperty('content-encoding');
    const packed = await api.send('GET', '/api/jobs', undefined, { 'accept-encoding': 'gzip, br' });
    expect([packed.headers['content-encoding'], packed.headers['vary']]).toEqual(['gzip', 'accept-encoding']);
    expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 5);
    const { gunzipSync } = await import('node:zlib');
    expect(JSON.parse(gunzipSync(packed.rawPayload).toString())).toEqual(plain.json());
    const small = await api.send('GET', '/api/status', undefined, { 'accept-encoding': 'gzip' });
    expect(small.headers).not.toHaveProperty('content-encoding');
  });

  it('is not undone for bodies, which could grow without bound', async () => {
    const api = await open({});
    const { gzipSync } = await import('node:zlib');
    const response = await api.app.inject({
      method: 'POST',
      url: '/api/jobs',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      payload: gzipSync('{"name":"a"}'),
    });
    expect([response.statusCode, response.headers['accept-encoding']]).toEqual([415, 'identity']);
    expect(await api.store.getJob('a')).toBeNull();
  });
});

describe('pages of other origins', () => {
  const origin = 'https://ui.example';
  const preflight = { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'if-match' };

  it('are told nothing unless they are configured', async () => {
    const { api } = await openGuarded(0);
    const response = await api.send('OPTIONS', '/api/jobs/a', undefined, preflight);
    expect(response.statusCode).toBe(204);
    const named = Object.keys(response.headers).filter((name) => name.startsWith('access-control'));
    expect(named).toEqual([]);
  });

  it('may use the API where they are, and only those', async () => {
    const issuer = await openIssuer();
    opened.push({ close: () => issuer.stop() });
    const authenticator = createOidcAuthenticator({ issuer: issuer.url });
    const auth = { kind: 'oidc' as const, issuer: issuer.url, authenticator };
    const api = await open({ auth, limits: { corsOrigins: [origin] } });
    const allowed = await api.send('OPTIONS', '/api/jobs/a', undefined, preflight);
    expect([allowed.statusCode, allowed.headers['access-control-allow-origin']]).toEqual([204, origin]);
    expect(allowed.headers['access-control-allow-methods']).toBe('DELETE, GET, HEAD, PATCH, PUT');
    expect(allowed.headers['access-control-allow-headers']).toContain('if-match');
    expect(allowed.headers).not.toHaveProperty('access-control-allow-credentials');
    const read = await api.send('GET', '/api/jobs', undefined, { origin });
    expect([read.statusCode, read.headers['access-control-allow-origin']]).toEqual([401, origin]);
    expect(read.headers['access-control-expose-headers']).toContain('www-authenticate');
    for (const other of ['https://ui.example.evil.example', 'https://ui.example:8443', 'http://ui.example', 'null']) {
      const refused = await api.send('OPTIONS', '/api/jobs/a', undefined, { ...preflight, origin: other });
      expect([refused.statusCode, refused.headers['access-control-allow-origin']]).toEqual([204, undefined]);
      expect(refused.headers['vary']).toContain('origin');
    }
  });
});

it('every answer has the headers that keep browsers from misusing it', async () => {
  const api = await open({});
  const odd = ['/api/jobs/%zz', `/api/jobs/${'x'.repeat(9_000)}`];
  for (const url of ['/api/status', '/api/jobs', '/api/nothing', '/readyz', ...odd]) {
    const { headers } = await api.app.inject(url);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
  }
});
