import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localIssuer } from '../../test/local-issuer.ts';
import type { LocalIssuer } from '../../test/local-issuer.ts';
import { readClaims } from './claims.ts';
import { credentialFile } from './credential-file.ts';
import type { CredentialStore, Login, Tokens } from './credentials.ts';
import { keptLogins } from './kept-logins.ts';
import { systemKeychain } from './keychain.ts';
import { createTokenSource } from './token-source.ts';
import type { TokenSource } from './token-source.ts';

const API = 'http://localhost:8080/api';
const NOW = Date.now();

let issuer: LocalIssuer;
let folder: string;
let store: CredentialStore;

beforeEach(async () => {
  issuer = await localIssuer();
  folder = await mkdtemp(join(tmpdir(), 'cli-tokens-'));
  store = keptLogins({ file: credentialFile(folder), keychain: systemKeychain(() => {}), wanted: 'file' });
});
afterEach(async () => {
  await issuer[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const open = (fromEnvironment?: string): TokenSource =>
  createTokenSource({ apiUrl: API, store, fromEnvironment, now: () => NOW });

async function loggedIn(tokens: Partial<Tokens> = {}, login: Partial<Login> = {}): Promise<void> {
  const whole = { accessToken: 'old', refreshToken: 'refresh-old', expiresAt: NOW + 60_000, ...tokens };
  const base: Login = { issuer: issuer.url, clientId: 'simple-scheduler-cli', flow: 'browser', tokens: whole };
  await store.exclusively(() => store.write(API, { ...base, ...login }));
}

test('gives none to who is not logged in', async () => {
  const source = open();
  expect(await source.provide({})).toBeUndefined();
  expect(source.state()).toBe('none');
});

test('gives the stored one while it lasts, without asking anyone', async () => {
  await loggedIn();
  const source = open();
  expect(await source.provide({})).toBe('old');
  expect(source.state()).toBe('stored');
  expect(issuer.asked).toEqual([]);
});

test('renews one that is about to run out, and keeps the new refresh token', async () => {
  await loggedIn({ expiresAt: NOW + 10_000 });
  const token = await open().provide({});
  expect(token).toMatch(/^ey/);
  expect(issuer.asked).toMatchObject([{ grant_type: 'refresh_token', refresh_token: 'refresh-old' }]);
  const kept = (await store.read(API))?.tokens;
  expect(kept).toMatchObject({ accessToken: token, expiresAt: NOW + 300_000 });
  expect(kept?.refreshToken).toMatch(/^refresh-.{36}$/);
  expect(await open().provide({})).toBe(token);
  expect(issuer.asked).toHaveLength(1);
});

test('keeps the refresh token of an issuer that gives no new one', async () => {
  await loggedIn({ expiresAt: NOW });
  issuer.behaviour = { withoutRefreshToken: true };
  await open().provide({});
  expect((await store.read(API))?.tokens?.refreshToken).toBe('refresh-old');
});

test('renews one that was refused, but not one that was renewed in the meantime', async () => {
  await loggedIn();
  const renewed = await open().provide({ refused: 'old' });
  expect(renewed).toMatch(/^ey/);
  expect(await open().provide({ refused: 'old' })).toBe(renewed);
  expect(issuer.asked).toHaveLength(1);
});

test('renews once for many that need it at the same time', async () => {
  await loggedIn({ expiresAt: NOW });
  const tokens = await Promise.all(Array.from({ length: 5 }, () => open().provide({})));
  expect(new Set(tokens).size).toBe(1);
  expect(issuer.asked).toHaveLength(1);
});

test('knows that a login has ended when the issuer says so, or nothing can renew it', async () => {
  await loggedIn({ expiresAt: NOW });
  issuer.behaviour = { tokenError: 'invalid_grant' };
  const refused = open();
  expect(await refused.provide({})).toBeUndefined();
  expect(refused.state()).toBe('ended');

  await loggedIn({ expiresAt: NOW, refreshToken: undefined });
  const alone = open();
  expect(await alone.provide({})).toBeUndefined();
  expect(alone.state()).toBe('ended');
});

test('does not take an issuer that is down for the end of the login', async () => {
  await loggedIn({ expiresAt: NOW });
  await issuer[Symbol.asyncDispose]();
  await expect(open().provide({})).rejects.toMatchObject({ exitCode: 4 });
  expect((await store.read(API))?.tokens?.refreshToken).toBe('refresh-old');
});

test('gets a service its next token with its secret', async () => {
  await loggedIn(
    { expiresAt: NOW, refreshToken: undefined },
    { flow: 'service', clientId: 'worker', clientSecret: 's3cret' },
  );
  issuer.behaviour = { withoutRefreshToken: true };
  expect(await open().provide({})).toMatch(/^ey/);
  expect(issuer.asked).toMatchObject([
    { grant_type: 'client_credentials', scope: 'jobs:read jobs:write runs:read runs:write' },
  ]);
});

test('gives the token of the environment above all, also when it is refused', async () => {
  await loggedIn();
  const source = open('from-env');
  expect(await source.provide({})).toBe('from-env');
  expect(await source.provide({ refused: 'from-env' })).toBe('from-env');
  expect(source.state()).toBe('environment');
});

test('claims are read from a token, and nothing from what is none', () => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({})}.${part({ sub: 's', azp: 'cli', scope: 'b a', exp: 1_772_352_000, preferred_username: 'guest' })}.x`;
  expect(readClaims(token)).toEqual({
    user: 'guest',
    subject: 's',
    issuer: undefined,
    client: 'cli',
    scopes: ['a', 'b'],
    expiresAt: '2026-03-01T08:00:00.000Z',
  });
  expect(readClaims(`x.${part({ scope: ['b', 'a'], email: 'e', exp: 1e300 })}.x`)).toMatchObject({
    scopes: ['a', 'b'],
    user: 'e',
    expiresAt: undefined,
  });
  for (const strange of ['', 'opaque', 'a.b.c', `x.${part(null)}.x`, `x.${part([1])}.x`]) {
    expect(Object.values(readClaims(strange)).filter((value) => value !== undefined)).toEqual([]);
  }
});
