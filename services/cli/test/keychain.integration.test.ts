import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSecretService } from '@simple-scheduler/testkit';
import type { SecretService } from '@simple-scheduler/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { localIssuer } from './local-issuer.ts';
import type { LocalIssuer } from './local-issuer.ts';
import { cliUnderTest } from './run-cli.ts';
import type { CliUnderTest } from './run-cli.ts';

const API = 'http://127.0.0.1:8080/api';
const SECRET = 'the-secret-of-the-client';

let issuer: LocalIssuer;
let secrets: SecretService;
let cli: CliUnderTest;
beforeAll(async () => {
  [issuer, secrets] = await Promise.all([localIssuer(), startSecretService()]);
});
afterAll(async () => {
  await secrets?.[Symbol.asyncDispose]();
  await issuer?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  issuer.behaviour = {};
  // Set to nothing: as if nothing had been said about it.
  cli = await cliUnderTest({ SIMPLE_SCHEDULER_URL: API, SIMPLE_SCHEDULER_CREDENTIALS: '' });
});
afterEach(() => cli[Symbol.asyncDispose]());

const WITHOUT = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };
const logIn = (env: Record<string, string>) =>
  cli.run(['login', '-i', issuer.url, '--service', '-s', SECRET, '-c', 'nightly'], { env });
const path = (): string => join(cli.folder, 'config', 'credentials.json');
const file = (): Promise<string> => readFile(path(), 'utf8');

async function keptIn(env: Record<string, string>): Promise<string | undefined> {
  const { code, out, err } = await cli.run(['whoami', '-o', 'json'], { env });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return (JSON.parse(out) as { keptIn?: string }).keptIn;
}

test('a login is kept in the keychain, renewed there, and taken out of it', async () => {
  issuer.behaviour = { expiresIn: 1 }; // run out before it is used
  expect(await logIn(secrets.env)).toMatchObject({
    code: 0,
    err: expect.stringContaining('The login is kept in the system keychain.\n'),
  });
  expect(await keptIn(secrets.env)).toBe('system keychain');
  expect(issuer.asked).toHaveLength(2);
  expect(JSON.parse(await file())).toEqual({
    version: 1,
    logins: { [API]: { issuer: issuer.url, clientId: 'nightly', flow: 'service', keptIn: 'keychain' } },
  });
  const other = await cliUnderTest({ SIMPLE_SCHEDULER_URL: API, ...secrets.env });
  expect(await other.run(['whoami'])).toMatchObject({ code: 3 });
  await other[Symbol.asyncDispose]();

  expect(await cli.run(['logout'], { env: secrets.env })).toMatchObject({ code: 0 });
  expect(issuer.revoked).toHaveLength(1);
  expect(await cli.run(['whoami'], { env: secrets.env })).toMatchObject({ code: 3 });
  expect(await file()).not.toContain('keptIn');
});

test('where there is no keychain the file is taken, and whoami says so', async () => {
  const { code, err } = await logIn(WITHOUT);
  expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining(`The login is kept in ${path()}.\n`) });
  expect(await keptIn(WITHOUT)).toBe(path());
  expect(await file()).toContain(SECRET);
});

test('SIMPLE_SCHEDULER_CREDENTIALS says where, and a login moves with it', async () => {
  const inFile = { ...secrets.env, SIMPLE_SCHEDULER_CREDENTIALS: 'file' };
  const inKeychain = { ...secrets.env, SIMPLE_SCHEDULER_CREDENTIALS: 'keychain' };
  await logIn(inFile);
  expect(await keptIn(inKeychain)).toBe(path());
  await logIn(inKeychain);
  expect(await keptIn(inFile)).toBe('system keychain');
  expect(await file()).not.toContain(SECRET);
  await logIn(inFile);
  expect(await keptIn({})).toBe(path());

  const asked = issuer.asked.length;
  expect(await logIn({ ...WITHOUT, SIMPLE_SCHEDULER_CREDENTIALS: 'keychain' })).toEqual({
    code: 1,
    out: '',
    err: expect.stringMatching(
      /^Error: The system keychain can't be used \(.+\): .* SIMPLE_SCHEDULER_CREDENTIALS=file\.\n$/,
    ),
  });
  expect(issuer.asked).toHaveLength(asked);
  expect(await cli.run(['whoami'], { env: { SIMPLE_SCHEDULER_CREDENTIALS: 'paper' } })).toMatchObject({ code: 2 });
});

test('a keychain that is locked or gone is told of, and does not stand in the way of another login', async () => {
  await logIn(secrets.env);
  await secrets.lock();
  const { code, out, err } = await cli.run(['whoami'], { env: secrets.env });
  expect({ code, out }).toEqual({ code: 3, out: '' });
  expect(err).toMatch(
    /^Error: The login to .* is in the system keychain, which can't be used \(.+\): unlock it, or log in/,
  );
  expect(await cli.run(['whoami'], { env: WITHOUT })).toMatchObject({ code: 3 });
  expect(await logIn({ ...WITHOUT, SIMPLE_SCHEDULER_CREDENTIALS: 'file' })).toMatchObject({ code: 0 });
  expect(await keptIn(WITHOUT)).toBe(path());
});
