import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JOB_DEFAULTS } from '@simple-scheduler/contracts';
import type { Job } from '@simple-scheduler/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { apiThatLeaves } from './api-that-leaves.ts';
import { realApi } from './real-api.ts';
import type { RealApi } from './real-api.ts';
import { cliUnderTest } from './run-cli.ts';
import type { CliUnderTest, Outcome } from './run-cli.ts';
import { runInProcess } from './run-in-process.ts';

let api: RealApi;
let cli: CliUnderTest;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simple-scheduler-apply-'));
  api = await realApi();
  cli = await cliUnderTest({ SIMPLE_SCHEDULER_URL: api.url });
});
afterAll(async () => {
  await cli[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  for (const { name } of await jobs()) await fetch(`${api.url}/jobs/${name}`, { method: 'DELETE' });
});

async function jobs(): Promise<Job[]> {
  return (await (await fetch(`${api.url}/jobs?limit=500`)).json()) as Job[];
}

const sched = (...args: string[]): Promise<Outcome> =>
  runInProcess(['-u', api.url, ...args], { SIMPLE_SCHEDULER_CONFIG_DIR: folder });

async function done(...args: string[]): Promise<Outcome> {
  const outcome = await sched(...args);
  expect(outcome, args.join(' ')).toMatchObject({ code: 0 });
  return outcome;
}

async function file(...lines: string[]): Promise<string> {
  const path = join(folder, 'jobs.yaml');
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

describe('apply', () => {
  test('creates, updates, keeps what is as declared, and says so', async () => {
    await done('add', 'job', '-n', 'kept', '-i', '5m');
    await done('add', 'job', '-n', 'changed', '-i', '5m', '--description', 'old', '--meta', 'team=a');
    await done('add', 'job', '-n', 'foreign');
    const path = await file(
      'jobs:',
      '  - name: kept',
      '    interval: 5m',
      '  - { name: changed, cron: "0 * * * *", maxRetries: 3 }',
      '  - name: fresh',
      '    payload: { to: [team] }',
    );
    const before = await jobs();
    const plan = await done('apply', '-f', path, '--dry-run');
    expect(plan.out).toBe(
      [
        '~ changed',
        '-   description: old',
        '-   interval: 5m',
        '+   cron: 0 * * * *',
        '-   maxRetries: 0',
        '+   maxRetries: 3',
        '-   meta: {"team":"a"}',
        '+ fresh',
        '+   payload: {"to":["team"]}',
        '',
      ].join('\n'),
    );
    expect(plan.err).toBe('1 to create, 1 to update, 1 unchanged; nothing was changed.\n');
    expect(await jobs()).toEqual(before);

    const { out, err } = await done('apply', '-f', path);
    expect(out).toMatch(
      /^NAME +ACTION +FIELDS\nkept +unchanged\nchanged +updated +description, interval, cron, .*\nfresh +created +payload\n$/,
    );
    expect(err).toBe('1 created, 1 updated, 1 unchanged.\n');
    const after = new Map((await jobs()).map((job) => [job.name, job]));
    expect([...after.keys()]).toEqual(['changed', 'foreign', 'fresh', 'kept']);
    expect(after.get('changed')).toMatchObject({ cron: '0 * * * *', maxRetries: 3 });
    for (const field of ['interval', 'description', 'meta']) expect(after.get('changed')).not.toHaveProperty(field);
    expect(after.get('kept')?.revision).toBe(before.find(({ name }) => name === 'kept')?.revision);

    expect(await done('apply', '-f', path, '-o', 'name')).toMatchObject({ out: 'kept\nchanged\nfresh\n', err: '' });
    expect(await done('apply', '-f', path, '--dry-run')).toEqual({
      code: 0,
      out: '',
      err: '3 unchanged; nothing was changed.\n',
    });
    expect(JSON.parse((await done('apply', '-f', path, '-o', 'json')).out)).toEqual(
      ['kept', 'changed', 'fresh'].map((name) => ({ name, action: 'unchanged', changes: [] })),
    );
  });

  test('with --prune deletes what its set owns and declares no more, and nothing else', async () => {
    await done('add', 'job', '-n', 'by-hand', '-i', '5m');
    await done(
      'apply',
      '-f',
      await file('set: billing', 'jobs:', '  - name: a', '    meta: { team: x }', '  - name: b'),
    );
    expect((await jobs()).find(({ name }) => name === 'a')?.meta).toEqual({ team: 'x', 'managed-by': 'billing' });
    const other = await file('- name: c');
    await done('apply', '-f', other, '--set', 'reports');

    const less = await file('set: billing', 'jobs:', '  - name: b');
    expect(await done('apply', '-f', less)).toMatchObject({ err: '1 unchanged.\n' });
    expect((await done('apply', '-f', less, '--prune', '--dry-run')).out).toBe('- a\n');
    expect(await done('apply', '-f', less, '--prune')).toMatchObject({ err: '1 deleted, 1 unchanged.\n' });
    expect((await jobs()).map(({ name }) => name)).toEqual(['b', 'by-hand', 'c']);

    expect(await sched('apply', '-f', await file('- name: z'), '--prune')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--prune deletes the jobs of a set: name it'),
    });
    expect(await sched('apply', '-f', await file('jobs: []', 'set: billing'), '--prune')).toMatchObject({ code: 0 });
    expect((await jobs()).map(({ name }) => name)).toEqual(['by-hand', 'c']);
  });

  test('leaves a job of another set alone', async () => {
    await done('apply', '-f', await file('- name: a'), '--set', 'billing');
    for (const flags of [['--set', 'reports'], []]) {
      const { code, out, err } = await sched(
        'apply',
        '-f',
        await file('- name: new', '- name: a', '  interval: 5m'),
        ...flags,
      );
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(/^Error: .*jobs\.yaml:2: a belongs to the set billing: apply it with --set billing, or /);
    }
    expect(await jobs()).toMatchObject([{ name: 'a', meta: { 'managed-by': 'billing' } }]);
  });

  test('changes nothing where a file has faults, and tells each with its line', async () => {
    const path = await file('- name: good', '- name: bad', '  interval: 0', '  color: red', '- name: good');
    const { code, out, err } = await sched('apply', '-f', path);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.replaceAll(path, 'jobs.yaml')).toBe(
      [
        'Error: jobs.yaml:3: bad: interval must be at least 1 ms.',
        'Error: jobs.yaml:4: bad: color is not a field of a job.',
        'Error: jobs.yaml:5: good is declared before, at jobs.yaml:1.',
        '',
      ].join('\n'),
    );
    expect(await jobs()).toEqual([]);
    expect(await sched('apply', '-f', join(folder, 'none.yaml'))).toMatchObject({ code: 2 });
  });

  test('takes several files as one, whose names must not meet', async () => {
    const first = await file('- name: a', '- name: b');
    const second = join(folder, 'more.yaml');
    await writeFile(second, 'set: s\njobs:\n  - name: c\n');
    expect(await done('apply', '-f', first, '-f', second)).toMatchObject({ err: '3 created.\n' });
    expect((await jobs()).map(({ meta }) => meta)).toEqual(Array(3).fill({ 'managed-by': 's' }));
    await writeFile(second, 'set: s\njobs:\n  - name: b\n');
    expect(await sched('apply', '-f', first, '-f', second)).toEqual({
      code: 2,
      out: '',
      err: `Error: ${second}:3: b is declared before, at ${first}:2.\n`,
    });
    await writeFile(first, 'set: other\njobs: []\n');
    expect(await sched('apply', '-f', first, '-f', second)).toMatchObject({
      code: 2,
      err: expect.stringContaining('several sets, other and s'),
    });
  });

  test('tells with its line what only the API finds, does the rest and prunes nothing', async () => {
    await done('apply', '-f', await file('set: s', 'jobs:', '  - name: old'));
    const path = await file(
      'set: s',
      'jobs:',
      '  - name: wrong',
      '    interval: 5m',
      '    timezone: Mars/Olympus',
      '  - name: right',
    );
    const { code, out, err } = await sched('apply', '-f', path, '--prune');
    expect({ code, err: err.replaceAll(path, 'jobs.yaml') }).toEqual({
      code: 1,
      err: expect.stringMatching(/^Error: jobs\.yaml:5: wrong: timezone "Mars\/Olympus" is unknown[^\n]+\.\n$/),
    });
    expect(out).toMatch(/^NAME +ACTION +FIELDS\nright +created +meta\n$/);
    expect((await jobs()).map(({ name }) => name)).toEqual(['old', 'right']);
  });

  test('tells what was done before the API went away', async () => {
    await using leaving = await apiThatLeaves(api.url, ({ method, path }) => method === 'POST' && path === '/jobs', 2);
    const path = await file('- name: first', '- name: bad', '  timezone: Mars/X', '- name: third', '- name: fourth');
    const { code, out, err } = await sched('apply', '-f', path, '-u', leaving.url);
    expect({ code, out }).toEqual({ code: 4, out: expect.stringMatching(/^NAME +ACTION\nfirst +created\n$/) });
    expect(err).toMatch(/^Error: The connection to .* look before you repeat it\.\nError: .*bad: timezone [^\n]+\n$/);
    expect((await jobs()).map(({ name }) => name)).toEqual(['first']);
  });
});

describe('export', () => {
  test('writes what apply makes the same jobs of', async () => {
    await done('add', 'job', '-n', 'plain');
    await done('add', 'job', '-n', 'once', '-r', '2040-01-01T00:00:00Z');
    await done('add', 'job', '-n', 'nightly', '--cron', '30 2 * * *', '--timezone', 'Europe/Berlin', '-e', 'false');
    await sched(
      ...['add', 'job', '-n', 'full', '-i', '1h30m', '-r', '2040-01-01T00:10:00Z', '--description', 'a: "b"\n# c'],
      ...[
        '-x',
        '5m',
        '-s',
        '90s',
        '-t',
        '1500',
        '--cancel-timeout',
        '0',
        '-c',
        '-q',
        '7',
        '--misfire-policy',
        'fire_all',
      ],
      ...[
        '--max-retries',
        '4',
        '--retry-backoff',
        'fixed',
        '--retry-delay',
        '3s',
        '--jitter',
        '30s',
        '--meta',
        'no=yes',
      ],
      ...['--start-at', '2030-01-01T00:00:00Z', '--end-at', '2050-01-01T00:00:00Z', '--work-queue', 'shared'],
      ...['--payload', JSON.stringify({ text: '\u001b[31m ü', date: '2026-01-01', no: 'off', n: [null, 1e21, '010'] })],
    );
    const before = await jobs();
    expect(before).toHaveLength(4);
    const written = await cli.run(['export', '--next-run-at']);
    expect(written).toMatchObject({ code: 0, err: '' });
    expect(parse(written.out)).toMatchObject({
      jobs: [{ name: 'full' }, { name: 'nightly' }, { name: 'once' }, { name: 'plain' }],
    });
    expect((parse(written.out) as { jobs: unknown[] }).jobs[3]).toEqual({ name: 'plain' });

    // On top of what is there nothing changes; where nothing is, the same comes to be.
    const again = await cli.run(['apply', '-f', '-'], { input: written.out });
    expect(again).toMatchObject({ code: 0, err: '4 unchanged.\n' });
    expect(await jobs()).toEqual(before);
    for (const { name } of before) await fetch(`${api.url}/jobs/${name}`, { method: 'DELETE' });
    const restored = await cli.run(['apply', '-f', '-'], { input: written.out });
    expect(restored).toMatchObject({ code: 0, err: '4 created.\n' });
    const timeless = ({ createdAt: _c, updatedAt: _u, revision: _r, ...job }: Job) => job;
    expect((await jobs()).map(timeless)).toEqual(before.map(timeless));
    const asJson = await cli.run(['export', '-o', 'json', '--next-run-at']);
    expect(JSON.parse(asJson.out)).toEqual(parse(written.out));
  });

  test('writes a set so that apply takes it as that set, or named jobs', async () => {
    await done(
      'apply',
      '-f',
      await file('set: s', 'jobs:', '  - name: a', '  - name: b', '    interval: 5m', '    meta: { k: v }'),
    );
    await done('add', 'job', '-n', 'c');
    const { out } = await done('export', '--set', 's');
    expect(parse(out)).toEqual({ set: 's', jobs: [{ name: 'a' }, { name: 'b', interval: 300_000, meta: { k: 'v' } }] });
    expect((await cli.run(['apply', '-f', '-', '--prune', '--dry-run'], { input: out })).err).toBe(
      '2 unchanged; nothing was changed.\n',
    );
    expect(parse((await done('export', 'c')).out)).toEqual({ jobs: [{ name: 'c' }] });
    expect((await done('export', '-o', 'name')).out).toBe('a\nb\nc\n');
    expect(await sched('export', 'd')).toMatchObject({ code: 1, out: '' });
    expect(Object.keys(JOB_DEFAULTS).filter((field) => out.includes(field))).toEqual([]);
  });
});
