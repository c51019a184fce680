import { readFile, stat } from 'node:fs/promises';
import type { Run } from '@simple-scheduler/contracts';
import { freePort, waitFor } from '@simple-scheduler/testkit';
import { sharedKeycloak, sharedMongodb, sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logInThroughBrowser, startBrowser } from './support/browser.ts';
import { commandLine } from './support/command-line.ts';
import { startExampleWorker } from './support/example-worker.ts';
import { install, type Installation } from './support/installation.ts';
import { faultsOfLedger } from './support/ledger.ts';

let issuer: string;
let system: Installation;
let browser: Browser;
beforeAll(async () => {
  const keycloak = sharedKeycloak(); // the slowest to come, so asked for first
  const [mongodb, rabbitmq] = await Promise.all([sharedMongodb(), sharedRabbitmq()]);
  ({ issuer } = await keycloak);
  const settings = { SIMPLE_SCHEDULER_OIDC_ISSUER: issuer, SIMPLE_SCHEDULER_OIDC_AUDIENCE: 'simple-scheduler-api' };
  [system, browser] = await Promise.all([install({ mongodb, rabbitmq, settings }), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
});

it('lets guest log in, add a job, and see its runs completed by a worker in Python', async () => {
  await using sched = await commandLine(system.apiUrl);
  const login = await logInThroughBrowser(browser, sched, { issuer, user: 'guest' });
  expect(login.page).toContain('You are logged in');
  expect(login).toMatchObject({ code: 0, said: expect.stringContaining(`Logged in to ${system.apiUrl} as guest.`) });
  expect((await stat(sched.credentials)).mode & 0o777).toBe(0o600);
  expect(await sched.json('whoami')).toMatchObject({ user: 'guest', issuer, login: 'browser' });

  await using worker = await startExampleWorker({ language: 'python', url: system.amqpUrl, jobs: ['greet'] });
  expect(await sched('add job -n greet -i 1s')).toMatchObject({ code: 0, stdout: expect.stringContaining('greet') });
  await waitFor(() => worker.said('completed').length >= 3, { timeoutMs: 15_000, message: 'three runs' });
  const [third = ''] = worker.said('completed').slice(2);
  await waitFor(async () => (await sched.json<Run>(`get run ${third}`)).status === 'completed');

  const runs = (await sched.json<Run[]>('list runs -j greet -s completed')).toReversed().slice(0, 3);
  expect(runs.map(({ id }) => id)).toEqual(worker.said('completed').slice(0, 3));
  for (const run of runs)
    expect(run).toMatchObject({ jobName: 'greet', trigger: 'schedule', attempt: 1, workerId: worker.id });
  expect(faultsOfLedger(await sched.json<Run[]>('list runs -j greet --all'), 1_000)).toEqual({
    missing: [],
    doubled: [],
  });
  const { stdout } = await sched('list runs -j greet -s completed');
  expect(stdout).toMatch(/^ID +JOB +STATUS/);
  for (const { id } of runs) expect(stdout).toMatch(new RegExp(`^${id} +greet +completed +schedule`, 'm'));

  expect(await sched('logout')).toMatchObject({ code: 0 });
  expect(await readFile(sched.credentials, 'utf8')).not.toMatch(/token/i);
  expect(await sched('list runs')).toMatchObject({ code: 3, stdout: '' });
});

it('lets viewer log in and look, and refuses the add', async () => {
  await using sched = await commandLine(system.apiUrl);
  const login = await logInThroughBrowser(browser, sched, { issuer, user: 'viewer' });
  expect(login).toMatchObject({
    code: 0,
    said: expect.stringContaining('Not granted to you: jobs:write, runs:write.'),
  });
  expect(await sched('list jobs')).toMatchObject({ code: 0 });
  const refused = await sched('add job -n intruder -i 1s');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/^Error: You may not do this: it needs jobs:write, which your login does not have/);
  expect(await sched('get job intruder')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no job named intruder'),
  });
});

describe('someone who is not logged in', () => {
  it('is told to log in, by the command line and by the API', async () => {
    await using sched = await commandLine(system.apiUrl);
    for (const line of ['list jobs', 'add job -n intruder -i 1s', 'whoami']) {
      const refused = await sched(line);
      expect(refused, line).toMatchObject({ code: 3, stdout: '' });
      expect(refused.stderr, line).toContain(`You are not logged in to ${system.apiUrl}: run `);
    }
    expect(await sched('status')).toMatchObject({ code: 0 });
    const answer = await fetch(`${system.apiUrl}/jobs`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('hears what is wrong with a command before anything is asked of anyone', async () => {
    await using sched = await commandLine(system.apiUrl);
    const wrong = ['add job', 'add job -n x -i soon', 'add job -n x -i 1s --cron x', 'get nothing', '--frob'];
    for (const line of wrong) {
      const refused = await sched(line);
      expect(refused, line).toMatchObject({ code: 2, stdout: '' });
      expect(refused.stderr, line).toMatch(/^Error: .+\n$/);
    }
  });

  it('hears that nothing answers where no API is', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}/api`;
    await using sched = await commandLine(nowhere);
    const refused = await sched('list jobs');
    expect(refused).toMatchObject({ code: 4, stdout: '' });
    expect(refused.stderr).toContain(`Nothing answers at ${nowhere}`);
  });
});
