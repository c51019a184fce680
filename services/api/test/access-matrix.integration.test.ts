import { generateKeyPairSync } from 'node:crypto';
import { SCOPES } from '@simple-scheduler/contracts';
import { sharedKeycloak } from '@simple-scheduler/testkit/vitest';
import { decodeJwt, type JWTPayload, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOidcAuthenticator } from '../src/index.ts';
import { type ApiUnderTest, openApi } from './api-under-test.ts';
import { createRealm, type OwnRealm } from './keycloak-realm.ts';

/** The contract: method and address, the scopes, the status of success, the body. */
const CONTRACT: readonly (readonly [string, string, string, number, unknown?])[] = [
  ['GET', '/api/jobs', 'jobs:read', 200],
  ['POST', '/api/jobs', 'jobs:write', 201, { name: 'new' }],
  ['GET', '/api/jobs/{name}', 'jobs:read', 200],
  ['PATCH', '/api/jobs/{name}', 'jobs:write', 204, { description: 'changed' }],
  ['PUT', '/api/jobs/{name}', 'jobs:write', 200, { interval: 30_000 }],
  ['DELETE', '/api/jobs/{name}', 'jobs:write', 204],
  ['POST', '/api/jobs/{name}/pause', 'jobs:write', 200],
  ['POST', '/api/jobs/{name}/resume', 'jobs:write', 200],
  ['POST', '/api/jobs/{name}/run', 'runs:write', 202],
  ['GET', '/api/jobs/{name}/next', 'jobs:read', 200],
  ['GET', '/api/jobs/{name}/ticks', 'jobs:read runs:read', 200],
  ['GET', '/api/events', 'runs:read', 200],
  ['GET', '/api/runs', 'runs:read', 200],
  ['GET', '/api/runs/{id}', 'runs:read', 200],
  ['POST', '/api/runs/{id}/cancel', 'runs:write', 204],
  ['POST', '/api/runs/{id}/retry', 'runs:write', 202],
];

let realm: OwnRealm;
let auth: Parameters<typeof openApi>[0] & {};
/** Claims that Keycloak itself gave to a user who may do everything. */
let claims: JWTPayload;
beforeAll(async () => {
  realm = await createRealm(await sharedKeycloak());
  const authenticator = createOidcAuthenticator({ issuer: realm.issuer, audience: 'simple-scheduler-api' });
  auth = { auth: { kind: 'oidc', issuer: realm.issuer, authenticator } };
  claims = decodeJwt((await realm.tokens(SCOPES)).access_token);
});
afterAll(() => realm?.remove());

interface Installation {
  readonly api: ApiUnderTest;
  call(operation: readonly [string, string, string, number, unknown?], token: string | undefined): Promise<Answer>;
  /** All that requests could have changed. */
  state(): Promise<unknown>;
}
interface Answer {
  readonly status: number;
  readonly challenge: string;
  readonly missing: unknown;
}

/** An API with a job, an active run to cancel and an ended one to retry. */
async function open(): Promise<Installation> {
  const api = await openApi({ ...auth, events: { lifetimeMs: 20 } });
  const headers = { authorization: `Bearer ${await realm.forge(claims)}` };
  const make = async (url: string, body: unknown): Promise<string> =>
    (await api.send('POST', url, body, headers)).json<{ id: string }>().id;
  await make('/api/jobs', { name: 'kept', interval: 60_000 });
  const active = await make('/api/jobs/kept/run', {});
  const ended = await make('/api/jobs/kept/run', {});
  return {
    api,
    call: async ([method, path, , , body], token) => {
      const url = path.replace('{name}', 'kept').replace('{id}', path.endsWith('/retry') ? ended : active);
      const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const key = method === 'POST' ? { 'idempotency-key': 'matrix' } : {};
      const response = await api.send(method, url, body, { ...authorization, ...key });
      const challenge = String(response.headers['www-authenticate'] ?? '');
      const missing = response.statusCode === 403 ? response.json<Record<string, unknown>>()['missing_scopes'] : [];
      return { status: response.statusCode, challenge, missing };
    },
    state: async () => ({
      jobs: await api.store.listJobs({ limit: 100 }),
      runs: await api.store.listRuns({ limit: 100 }),
      deletions: await api.store.listDeletions(100),
      requests: await api.store.openRequests({ limit: 100 }),
      announced: api.queued('scheduler.control'),
    }),
  };
}

const seconds = (): number => Math.floor(Date.now() / 1_000);
const { privateKey: stranger, publicKey: strange } = generateKeyPairSync('rsa', { modulusLength: 2048 });
/** Keys that a token brings along, or says where to find, are nobody's word. */
const ownKey = {
  jwk: strange.export({ format: 'jwk' }),
  jku: 'http://127.0.0.1:9/keys',
  x5u: 'http://127.0.0.1:9/key',
};
const REFUSED: readonly (readonly [string, () => Promise<string | undefined> | string | undefined])[] = [
  ['no token', () => undefined],
  ['garbage', () => 'garbage'],
  ['alg none', () => new UnsecuredJWT({ ...claims }).encode()],
  ['HS256 with the public key', () => realm.forgeWithPublicKey(claims)],
  ['wrong issuer', () => realm.forge({ ...claims, iss: realm.issuer.replace(/realms\/.*/, 'realms/master') })],
  ['wrong audience', () => realm.forge({ ...claims, aud: 'account' })],
  ['expired', () => realm.forge({ ...claims, exp: seconds() - 31 })],
  ['not yet valid', () => realm.forge({ ...claims, nbf: seconds() + 60 })],
  ['unknown kid', () => realm.forge(claims, { kid: 'unknown', key: stranger })],
  ["the realm's kid, a stranger's key", () => realm.forge(claims, { key: stranger })],
  ['a key of its own in the header', () => realm.forge(claims, { kid: 'mine', key: stranger, header: ownKey })],
  ["Keycloak's ID token", async () => (await realm.tokens(SCOPES)).id_token],
  ["Keycloak's refresh token", async () => (await realm.tokens(SCOPES)).refresh_token],
];

describe('on a real Keycloak', () => {
  it('every route of the document is in the matrix', async () => {
    const { api } = await open();
    const { paths } = api.app.swagger() as unknown as { paths: Record<string, Record<string, { security: object[] }>> };
    const guarded = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { security }]) => security.length > 0)
        .map(([method, { security }]) => [method.toUpperCase(), path, security]),
    );
    await api.close();
    const listed = CONTRACT.map(([method, path, scope]) => [method, path, [{ bearer: scope.split(' ') }]]);
    expect(guarded.map(String).toSorted()).toEqual(listed.map(String).toSorted());
    expect(guarded).toEqual(expect.arrayContaining(listed));
  });

  it.each(REFUSED)('%s: 401 on every route, and nothing has changed', async (title, token) => {
    const { api, call, state } = await open();
    const before = await state();
    const presented = await token();
    for (const operation of CONTRACT) {
      const { status, challenge } = await call(operation, presented);
      expect([...operation.slice(0, 2), status]).toEqual([...operation.slice(0, 2), 401]);
      expect(challenge.includes('error="invalid_token"')).toBe(title !== 'no token');
      expect(challenge).toMatch(/^Bearer realm=/);
    }
    expect(await state()).toEqual(before);
    await api.close();
  });

  it.each(SCOPES)('%s alone: opens its routes, 403 on all others, and those change nothing', async (scope) => {
    const { access_token: token } = await realm.tokens([scope]);
    const closed = await open();
    const before = await closed.state();
    for (const operation of CONTRACT.filter(([, , needed]) => needed !== scope)) {
      expect([operation[1], await closed.call(operation, token)]).toEqual([
        operation[1],
        {
          status: 403,
          challenge: expect.stringContaining('error="insufficient_scope"'),
          missing: operation[2].split(' ').filter((needed) => needed !== scope),
        },
      ]);
    }
    expect(await closed.state()).toEqual(before);
    await closed.api.close();
    for (const operation of CONTRACT.filter(([, , needed]) => needed === scope)) await expectSuccess(operation, token);
  });

  it('all scopes: open every route', async () => {
    const { access_token: token } = await realm.tokens(SCOPES);
    for (const operation of CONTRACT) await expectSuccess(operation, token);
  });

  it('the forged tokens are refused for what is wrong with them: the same ones without it are let in', async () => {
    await expectSuccess(['GET', '/api/jobs', '', 200], await realm.forge(claims));
    await expectSuccess(['GET', '/api/jobs', '', 200], await realm.forge({ ...claims, exp: seconds() - 20 }));
    await expectSuccess(['GET', '/api/jobs', '', 200], await realm.forge({ ...claims, nbf: seconds() + 20 }));
  });
});

/** On an installation of its own: what one call changes is not another's concern. */
async function expectSuccess(operation: (typeof CONTRACT)[number], token: string): Promise<void> {
  const { api, call, state } = await open();
  const before = await state();
  expect([operation[0], operation[1], (await call(operation, token)).status]).toEqual([
    operation[0],
    operation[1],
    operation[3],
  ]);
  // What the refusals are held against: this would be seen.
  const changes = operation[0] !== 'GET' && !operation[1].endsWith('/resume');
  if (changes) expect(await state()).not.toEqual(before);
  await api.close();
}
