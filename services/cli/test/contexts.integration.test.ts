import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { realApi } from './real-api.ts';
import type { RealApi } from './real-api.ts';
import { cliUnderTest } from './run-cli.ts';
import type { CliUnderTest, Outcome } from './run-cli.ts';
import { runInProcess } from './run-in-process.ts';

let [north, south]: RealApi[] = [];
let folder: string;
let cli: CliUnderTest;
beforeAll(async () => {
  cli = await cliUnderTest();
  [north, south] = await Promise.all([realApi(), realApi()]);
});
afterAll(async () => {
  await cli?.[Symbol.asyncDispose]();
  for (const api of [north, south]) await api?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simple-scheduler-contexts-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** In this process unless the environment matters. */
const sched = (line: string, env?: Record<string, string>): Promise<Outcome> => {
  const args = line.split(' ').filter(Boolean);
  const home = { SIMPLE_SCHEDULER_CONFIG_DIR: join(folder, 'config') };
  return env === undefined ? runInProcess(args, home) : cli.run(args, { env: { ...home, ...env } });
};

async function done(line: string, env?: Record<string, string>): Promise<Outcome> {
  const outcome = await sched(line, env);
  expect(outcome, line).toMatchObject({ code: 0 });
  return outcome;
}

test('APIs have names, of which one is current, and flags come before the environment and that before it', async () => {
  expect(await done('context list')).toMatchObject({ out: '', err: expect.stringContaining('context set NAME --url') });
  expect((await done(`context set north --url ${north?.url}`)).err).toContain('Added north. Use it with');
  await done(`context set south -u ${south?.url}/`);
  await done(`add job -n in-north --context north`);
  await done(`add job -n in-south -u ${south?.url}`);
  const seen = async (line: string, env?: Record<string, string>) => (await done(`list jobs -o name ${line}`, env)).out;

  expect((await done('context use south -o json')).out).toContain('"action": "chosen"');
  expect(await done('context use north')).toMatchObject({ err: `Using north, ${north?.url}.\n` });
  expect(await seen('')).toBe('in-north\n');
  expect(await seen('--context south')).toBe('in-south\n');
  expect(await seen('', { SIMPLE_SCHEDULER_CONTEXT: 'south' })).toBe('in-south\n');
  expect(await seen('', { SIMPLE_SCHEDULER_URL: south?.url ?? '' })).toBe('in-south\n');
  expect(await seen('--context north', { SIMPLE_SCHEDULER_URL: south?.url ?? '' })).toBe('in-north\n');
  expect(await seen(`--context north --url ${south?.url}`)).toBe('in-south\n');

  expect((await done('context list')).out).toBe(
    [`   NAME   URL`, `*  north  ${north?.url}`, `   south  ${south?.url}`, ''].join('\n'),
  );
  expect(JSON.parse((await done('context list -o json')).out)).toEqual([
    { name: 'north', url: north?.url, isCurrent: true },
    { name: 'south', url: south?.url, isCurrent: false },
  ]);
  expect((await stat(join(folder, 'config', 'contexts.json'))).mode & 0o777).toBe(0o600);
  expect((await done('context use south', { SIMPLE_SCHEDULER_URL: 'http://localhost:1/api' })).err).toContain(
    'Warning: SIMPLE_SCHEDULER_URL is set, and is used instead',
  );
});

test('names that are none are told, also for a current context that has gone', async () => {
  await done(`context set north --url ${north?.url}`);
  expect(await sched('list jobs --context nroth')).toEqual({
    code: 2,
    out: '',
    err: 'Error: There is no context named nroth: did you mean north?\n',
  });
  expect(await sched('context use elsewhere')).toMatchObject({
    code: 2,
    err: expect.stringContaining('There is no context'),
  });
  expect(await sched('context set here')).toMatchObject({
    code: 2,
    err: 'Error: Give the address of the API with --url.\n',
  });
  expect(await sched('context set here', { SIMPLE_SCHEDULER_URL: 'http://localhost/api' })).toMatchObject({ code: 2 });
  expect(await sched('context set a/b --url http://localhost')).toMatchObject({ code: 2 });

  await done('context use north');
  expect(await done('context delete north')).toMatchObject({ err: expect.stringContaining('Deleted north') });
  expect(await sched('context delete north --context north')).toMatchObject({ code: 2 });
  const refused = await sched('status --timeout 1s -u http://127.0.0.1:1/api');
  expect(refused).toMatchObject({ code: 4, err: expect.stringContaining('http://127.0.0.1:1/api') });
  expect(await sched('status --context north')).toMatchObject({ code: 2 });
});

test('the address of the context is the one that messages name', async () => {
  await done('context set gone --url http://127.0.0.1:1/api');
  expect(await sched('list jobs --context gone')).toMatchObject({
    code: 4,
    err: expect.stringContaining('http://127.0.0.1:1/api'),
  });
  await writeFile(join(folder, 'config', 'contexts.json'), '{"version": 2}');
  expect(await sched('list jobs')).toMatchObject({
    code: 1,
    err: expect.stringContaining('contexts.json are damaged'),
  });
});
