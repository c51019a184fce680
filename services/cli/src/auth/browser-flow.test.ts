import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { localIssuer } from '../../test/local-issuer.ts';
import type { LocalIssuer } from '../../test/local-issuer.ts';
import { browserFlow } from './browser-flow.ts';
import type { Granted } from './browser-flow.ts';
import { discoverIssuer, isLoopback } from './issuer.ts';

let issuer: LocalIssuer;
beforeAll(async () => {
  issuer = await localIssuer();
});
beforeEach(() => {
  issuer.behaviour = {};
  issuer.asked.length = 0;
});
afterAll(() => issuer[Symbol.asyncDispose]());

interface Login {
  readonly granted?: Granted;
  readonly error?: unknown;
  readonly pages: { status: number; text: string }[];
  readonly address: URL;
}

/** Logs in with a browser that does `browse`, given the issuer's login address and where it must return to. */
async function logIn(browse: (address: URL, back: URL) => Promise<void>, patienceMs = 10_000): Promise<Login> {
  const configuration = await discoverIssuer({ issuer: issuer.url, clientId: 'simple-scheduler-cli' });
  const visited = Promise.withResolvers<URL>();
  const login = browserFlow({
    issuer: issuer.url,
    configuration,
    callbackPort: 0,
    patienceMs,
    welcome: () => 'Welcome.',
    visit: async (url) => visited.resolve(new URL(url)),
  });
  const outcome = login.then(
    (granted) => ({ granted }),
    (error: unknown) => ({ error }),
  );
  const address = await visited.promise;
  await browse(address, new URL(address.searchParams.get('redirect_uri') ?? ''));
  return { ...(await outcome), pages, address };
}

let pages: { status: number; text: string }[] = [];
beforeEach(() => {
  pages = [];
});
async function visit(url: URL | string, init?: RequestInit): Promise<void> {
  const response = await fetch(url, init);
  pages.push({ status: response.status, text: await response.text() });
}

test('asks for all scopes with PKCE, state and nonce, and tells the browser of the success', async () => {
  const { granted, address } = await logIn((url) => visit(url));
  expect(granted?.access_token).toMatch(/^ey/);
  expect(granted?.claims()?.['preferred_username']).toBe('guest');
  expect(pages).toEqual([{ status: 200, text: expect.stringContaining('You are logged in') }]);
  expect(Object.fromEntries(address.searchParams)).toMatchObject({
    client_id: 'simple-scheduler-cli',
    response_type: 'code',
    scope: 'openid jobs:read jobs:write runs:read runs:write',
    code_challenge_method: 'S256',
    state: expect.stringMatching(/^.{40,}$/),
    nonce: expect.stringMatching(/^.{40,}$/),
    redirect_uri: expect.stringMatching(/^http:\/\/localhost:\d+\/callback$/),
  });
  expect(issuer.asked).toMatchObject([
    { grant_type: 'authorization_code', redirect_uri: address.searchParams.get('redirect_uri') },
  ]);
});

test('refuses what does not belong to this login, and goes on waiting for what does', async () => {
  const { granted } = await logIn(async (url, back) => {
    await visit(new URL('?code=stolen&state=wrong', back));
    await visit(new URL('?code=stolen', back));
    await visit(new URL('/', back));
    await visit(new URL(`?code=x&state=${url.searchParams.get('state')}`, back), { method: 'POST' });
    await visit(url);
  });
  expect(pages.map(({ status }) => status)).toEqual([400, 400, 404, 405, 200]);
  expect(granted).toBeDefined();
  expect(issuer.asked).toHaveLength(1);
});

test('stops listening when it is over', async () => {
  const { address } = await logIn((url) => visit(url));
  await expect(fetch(address.searchParams.get('redirect_uri') ?? '')).rejects.toThrow('fetch failed');
});

describe('fails with a page that says so', () => {
  test('when the user refuses, with nothing of the answer taken as HTML', async () => {
    issuer.behaviour = { authorizationError: 'access_denied' };
    const { error } = await logIn((url) => visit(url));
    expect(error).toMatchObject({
      exitCode: 3,
      message: `The issuer ${issuer.url} refused the login: The <b>user</b> said no (access_denied).`,
    });
    expect(pages).toMatchObject([{ status: 400, text: expect.stringContaining('&lt;b&gt;user&lt;/b&gt; said no') }]);
  });

  test('when the ID token answers another login', async () => {
    issuer.behaviour = { nonce: 'of-another-login' };
    const { error } = await logIn((url) => visit(url));
    expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining('nonce') });
    expect(pages).toMatchObject([{ status: 400, text: expect.stringContaining('The login failed') }]);
  });

  test('when the issuer does not take the code', async () => {
    issuer.behaviour = { tokenError: 'invalid_grant' };
    const { error } = await logIn((url) => visit(url));
    expect(error).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('As the test wants it (invalid_grant)'),
    });
  });
});

test('gives up when the browser does not come back', async () => {
  const { error } = await logIn(async () => {}, 20);
  expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining('did not come back in time') });
});

test('says which port is taken', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  const configuration = await discoverIssuer({ issuer: issuer.url, clientId: 'c' });
  const flow = browserFlow({
    issuer: issuer.url,
    configuration,
    callbackPort: port,
    patienceMs: 1_000,
    welcome: () => '',
    visit: async () => {},
  });
  await expect(flow).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining(`Port ${port} can't be listened on (EADDRINUSE)`),
  });
  await new Promise((resolve) => taken.close(resolve));
});

describe('issuers', () => {
  test.each(['localhost', 'a.localhost', '127.0.0.1', '127.8.9.1', '[::1]'])('%s is this machine', (host) => {
    expect(isLoopback(host)).toBe(true);
  });
  test.each(['127.0.0.1.example.org', 'localhost.example.org', 'example.org', '10.0.0.1', '[::2]'])(
    '%s is not',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );

  test.each([
    ['http://id.example.org/realms/x', 2, 'must start with https://'],
    ['id.example.org', 2, 'is not the address of an issuer'],
    ['ftp://id.example.org', 2, 'is not the address of an issuer'],
  ])('%s is refused', async (address, exitCode, words) => {
    const refused = discoverIssuer({ issuer: address, clientId: 'c' });
    await expect(refused).rejects.toMatchObject({ exitCode, message: expect.stringContaining(words) });
  });

  test('one that is down, or is none, is told apart', async () => {
    const gone = await localIssuer();
    await gone[Symbol.asyncDispose]();
    const down = discoverIssuer({ issuer: gone.url, clientId: 'c' });
    await expect(down).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining("can't be reached (ECONNREFUSED)"),
    });
    const none = discoverIssuer({ issuer: `${issuer.url}/elsewhere`, clientId: 'c' });
    await expect(none).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('does not answer as an OpenID issuer should'),
    });
  });
});
