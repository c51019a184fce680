import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { obtainChromium } from '@simple-scheduler/testkit';
import { sharedKeycloak } from '@simple-scheduler/testkit/vitest';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { localIssuer } from './local-issuer.ts';
import { realApi } from './real-api.ts';
import type { RealApi } from './real-api.ts';
import { cliUnderTest } from './run-cli.ts';
import type { CliUnderTest, Outcome } from './run-cli.ts';
import { openTerminal } from './tmux.ts';

let issuer: string;
let api: RealApi;
let browser: Browser;
let cli: CliUnderTest;

beforeAll(async () => {
  ({ issuer } = await sharedKeycloak());
  api = await realApi({ kind: 'oidc', issuer, audience: 'simple-scheduler-api' });
  browser = await chromium.launch({ executablePath: await obtainChromium(), args: ['--no-sandbox', '--disable-gpu'] });
});
afterAll(async () => {
  await browser?.close();
  await api?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  cli = await cliUnderTest({ SIMPLE_SCHEDULER_URL: api.url });
});
afterEach(() => cli[Symbol.asyncDispose]());

/** Logs a user in on the issuer's page at `address`, and hands over the page that comes next. */
async function onIssuerPage<T>(address: string, user: string, look: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(address);
    await page.fill('#username', user);
    await page.fill('#password', user);
    await page.click('#kc-login');
    return await look(page);
  } finally {
    await context.close();
  }
}

/** A whole login through the browser: how it ended, and the page that the browser shows at the end. */
async function logIn(user: string): Promise<Outcome & { page: string }> {
  const running = cli.start(['login', '-i', issuer, '--no-browser']);
  const [, address = ''] = await running.said(/at (http\S+)\n/);
  const page = await onIssuerPage(address, user, async (opened) => {
    await opened.waitForURL('http://localhost:5556/**');
    return opened.locator('body').innerText();
  });
  return { ...(await running.outcome), page };
}

const credentials = (): string => join(cli.folder, 'config', 'credentials.json');

test('guest logs in through the browser, works, renews and logs out', async () => {
  const { code, out, err, page } = await logIn('guest');
  expect({ code, out }).toEqual({ code: 0, out: '' });
  expect(page).toContain('You are logged in');
  expect(err).toContain(`Logged in to ${api.url} as guest.\n`);
  expect(err).not.toContain('Not granted');
  expect((await stat(credentials())).mode & 0o777).toBe(0o600);

  const added = await cli.run(['add', 'job', '-n', 'by-guest', '-i', '1h', '-o', 'name']);
  expect(added).toMatchObject({ code: 0, out: 'by-guest\n' });
  const whoami = JSON.parse((await cli.run(['whoami', '-o', 'json'])).out) as object;
  expect(whoami).toMatchObject({
    user: 'guest',
    api: api.url,
    issuer,
    client: 'simple-scheduler-cli',
    login: 'browser',
    scopes: expect.arrayContaining(['jobs:read', 'jobs:write', 'runs:read', 'runs:write']),
  });

  const before = JSON.parse(await readFile(credentials(), 'utf8')) as Kept;
  await refuse(before);
  expect(await cli.run(['list', 'jobs', '-o', 'name'])).toEqual({ code: 0, out: 'by-guest\n', err: '' });
  const after = JSON.parse(await readFile(credentials(), 'utf8')) as Kept;
  const [renewed] = Object.values(after.logins);
  expect(renewed?.tokens.accessToken).not.toBe(Object.values(before.logins)[0]?.tokens.accessToken);

  expect(await cli.run(['logout'])).toEqual({ code: 0, out: '', err: `Logged out of ${api.url}.\n` });
  expect(await readFile(credentials(), 'utf8')).not.toContain('oken');
  expect(await cli.run(['list', 'jobs'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('You are not logged in'),
  });
  expect(await refreshes(renewed?.tokens.refreshToken ?? '')).toBe(false);
});

interface Kept {
  readonly logins: Record<string, { tokens: { accessToken: string; refreshToken: string; expiresAt: number } }>;
}

/** Makes the stored access token one that the API refuses, long before it would be renewed for its age. */
async function refuse(kept: Kept): Promise<void> {
  const logins = Object.entries(kept.logins).map(([url, login]) => [
    url,
    { ...login, tokens: { ...login.tokens, accessToken: `${login.tokens.accessToken.slice(0, -8)}AAAAAAAA` } },
  ]);
  await writeFile(credentials(), JSON.stringify({ version: 1, logins: Object.fromEntries(logins) }));
}

/** Whether the issuer still takes a refresh token. */
async function refreshes(refreshToken: string): Promise<boolean> {
  const body = { grant_type: 'refresh_token', client_id: 'simple-scheduler-cli', refresh_token: refreshToken };
  const response = await fetch(`${issuer}/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams(body),
  });
  return response.ok;
}

test('a newcomer in a terminal is told to log in, does so with a browser, adds a job and leaves', async () => {
  await using screen = await openTerminal({ columns: 100, env: { SIMPLE_SCHEDULER_URL: api.url } });
  expect(await screen.command('sched list jobs')).toEqual({
    code: 3,
    text: `Error: You are not logged in to ${api.url}: run \`simple-scheduler-cli login\`.`,
  });
  await screen.type(`clear; sched login -i ${issuer} --no-browser`, 'Enter');
  const seen = await screen.shows(/response_type=code\s*$/);
  const address = seen.slice(seen.indexOf('http', seen.indexOf('Log in with your browser'))).replaceAll('\n', '');
  const page = await onIssuerPage(address.trim(), 'guest', async (opened) => {
    await opened.waitForURL('http://localhost:5556/**');
    return opened.locator('body').innerText();
  });
  expect(page).toContain(`You are logged in to ${api.url} as guest. You can close this page`);
  await screen.shows(/Logged in to \S+ as guest\.\nThe login is kept in\s\S+\n>/);
  expect((await screen.command('sched add job -n greet -i 1h30m')).text).toMatch(
    /^NAME +SCHEDULE +STATE +NEXT RUN\ngreet +every 1h30m +active +in 1 h 30 m\nCreated greet; its next run/,
  );
  expect(await screen.command('sched whoami -o name')).toEqual({ code: 0, text: 'guest' });
  expect(await screen.command('sched logout')).toEqual({ code: 0, text: `Logged out of ${api.url}.` });
});

test('viewer logs in, is told what is not granted, reads, and is refused the add', async () => {
  const { code, err } = await logIn('viewer');
  expect(code).toBe(0);
  expect(err).toContain('as viewer.\nNot granted to you: jobs:write, runs:write.\n');
  expect(await cli.run(['list', 'runs'])).toMatchObject({ code: 0 });
  expect(await cli.run(['add', 'job', '-n', 'by-viewer', '-i', '1h'])).toEqual({
    code: 1,
    out: '',
    err: 'Error: You may not do this: it needs jobs:write, which your login does not have; log in as someone who may, with `simple-scheduler-cli login`.\n',
  });
  expect(await cli.run(['get', 'job', 'by-viewer'])).toMatchObject({ code: 1 });
});

test('a code logs in on any device, with the issuer remembered from before', async () => {
  await cli.run(['login', '--service', '-i', issuer, '-c', 'simple-scheduler-worker', '-s', 'worker-secret']);
  const running = cli.start(['login', '--device']);
  const [, direct = ''] = await running.said(/, or (http\S+)\n/);
  await onIssuerPage(direct, 'guest', async (page) => {
    const yes = page.getByRole('button', { name: 'Yes' });
    await yes.click();
    await page.getByText('Device Login Successful').waitFor();
  });
  expect(await running.outcome).toMatchObject({ code: 0, err: expect.stringContaining('as guest.') });
  expect(JSON.parse((await cli.run(['whoami', '-o', 'json'])).out)).toMatchObject({
    user: 'guest',
    login: 'device',
    client: 'simple-scheduler-cli',
  });
});

describe('a service', () => {
  test('logs in as itself, with a secret from the environment, and gets its next token by itself', async () => {
    const args = ['login', '--service', '-i', issuer, '-c', 'simple-scheduler-worker'];
    const env = { SIMPLE_SCHEDULER_OIDC_CLIENT_SECRET: 'worker-secret' };
    const { code, err } = await cli.run(args, { env });
    expect(code).toBe(0);
    expect(err).toContain('as simple-scheduler-worker.\nNot granted to you: jobs:write.\n');
    await refuse(JSON.parse(await readFile(credentials(), 'utf8')) as Kept);
    expect(await cli.run(['list', 'jobs'])).toMatchObject({ code: 0 });
    expect(await cli.run(['add', 'job', '-n', 'x'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('jobs:write'),
    });
    expect(await cli.run(['logout'])).toMatchObject({ code: 0, err: `Logged out of ${api.url}.\n` });
    expect(await readFile(credentials(), 'utf8')).not.toContain('worker-secret');
  });

  test('with a wrong secret is not logged in, and nothing is kept', async () => {
    const { code, err } = await cli.run([
      'login',
      '--service',
      '-i',
      issuer,
      '-c',
      'simple-scheduler-worker',
      '-s',
      'wrong',
    ]);
    expect(code).toBe(3);
    expect(err).toMatch(/^Error: The issuer .* refused the login: .*\(unauthorized_client\)\.\n$/);
    await expect(readFile(credentials(), 'utf8')).rejects.toThrow('ENOENT');
  });
});

test('a login does not go to another API', async () => {
  await cli.run(['login', '--service', '-i', issuer, '-c', 'simple-scheduler-worker', '-s', 'worker-secret']);
  await using other = await realApi({ kind: 'oidc', issuer, audience: 'simple-scheduler-api' });
  expect(await cli.run(['list', 'jobs', '-u', other.url])).toMatchObject({
    code: 3,
    err: expect.stringContaining(`You are not logged in to ${other.url}`),
  });
});

test('an issuer that is down fails the login and the renewal as not reachable', async () => {
  const gone = await localIssuer();
  await gone[Symbol.asyncDispose]();
  expect(await cli.run(['login', '--no-browser', '-i', gone.url])).toMatchObject({
    code: 4,
    err: expect.stringContaining("can't be reached (ECONNREFUSED)"),
  });
});

test('a logout at an issuer that is down forgets the login all the same', async () => {
  const leaving = await localIssuer();
  const login = await cli.run(['login', '--service', '-i', leaving.url, '-c', 'c', '-s', 's']);
  expect(login).toMatchObject({ code: 0 });
  await leaving[Symbol.asyncDispose]();
  const { code, err } = await cli.run(['logout']);
  expect(code).toBe(0);
  expect(err).toMatch(/^Warning: the login was forgotten here, .*\nLogged out of /);
  expect(await cli.run(['whoami'])).toMatchObject({ code: 3 });
});
