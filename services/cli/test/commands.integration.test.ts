import type { Job, Run } from '@simple-scheduler/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { realApi } from './real-api.ts';
import type { RealApi } from './real-api.ts';
import { cliUnderTest } from './run-cli.ts';
import type { CliUnderTest, Outcome } from './run-cli.ts';
import { runInProcess } from './run-in-process.ts';

let api: RealApi;
let cli: CliUnderTest;

beforeAll(async () => {
  api = await realApi();
  cli = await cliUnderTest({ SIMPLE_SCHEDULER_URL: api.url });
});
afterAll(async () => {
  await cli[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});
beforeEach(async () => {
  const jobs = (await (await fetch(`${api.url}/jobs?limit=500`)).json()) as Job[];
  for (const { name } of jobs) await fetch(`${api.url}/jobs/${name}`, { method: 'DELETE' });
});

/** In this process, for speed; `cli.run` and `cli.start` are the program itself. */
const sched = (line: string): Promise<Outcome> =>
  runInProcess([...words(line), '-u', api.url], { SIMPLE_SCHEDULER_CONFIG_DIR: cli.folder });

/** Words of a command line; single quotes hold spaces together. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

async function done(line: string): Promise<Outcome> {
  const outcome = await sched(line);
  expect(outcome, line).toMatchObject({ code: 0 });
  return outcome;
}

async function json<T>(line: string): Promise<T> {
  return JSON.parse((await done(`${line} -o json`)).out) as T;
}

test('status tells of the API without a login', async () => {
  expect(await json('status')).toMatchObject({ status: 'OK', version: expect.any(String) });
  expect(await cli.run(['status', '-o', 'name'])).toEqual({ code: 0, out: 'OK\n', err: '' });
});

describe('adding a job', () => {
  test('sends every field that has a flag', async () => {
    const flags = [
      '-n full -e false --description Mails -r 2030-01-01T01:00:00+01:00 -i 1h30m',
      '-x 5m -s 90s -t 1500 --cancel-timeout 0 -c true -q 7 --misfire-policy fire_all --misfire-limit 5 --misfire-grace 2m',
      '--max-retries 4 --retry-backoff fixed --retry-delay 3s --retry-max-delay 1m --max-restarts 6 --jitter 30s --retention-count 9 --retention-age 2d',
      '--start-at 2029-12-31T23:00:00Z --end-at 2031-01-01T00:00:00+01:00',
      `--payload '{"to":["team"]}' --meta team=billing --meta tier=a=b --work-queue shared`,
    ];
    expect(await json<Job>(`add job ${flags.join(' ')}`)).toMatchObject({
      name: 'full',
      enabled: false,
      description: 'Mails',
      nextRunAt: '2030-01-01T00:00:00.000Z',
      interval: 5_400_000,
      runExecutionTimeout: 300_000,
      runStartTimeout: 90_000,
      heartbeatTimeout: 1_500,
      cancelTimeout: 0,
      allowConcurrentRuns: true,
      maxQueueCount: 7,
      misfirePolicy: 'fire_all',
      misfireLimit: 5,
      misfireGrace: 120_000,
      maxRetries: 4,
      retryBackoff: 'fixed',
      retryDelay: 3_000,
      retryMaxDelay: 60_000,
      maxRestarts: 6,
      retentionCount: 9,
      retentionAge: 172_800_000,
      jitter: 30_000,
      startAt: '2029-12-31T23:00:00.000Z',
      endAt: '2030-12-31T23:00:00.000Z',
      payload: { to: ['team'] },
      meta: { team: 'billing', tier: 'a=b' },
      workQueue: 'shared',
    });
  });

  test('shows it, and says on stderr what comes next', async () => {
    const { out, err } = await done("add job nightly --cron '30 2 * * *' --timezone Europe/Berlin");
    expect(out).toMatch(/^NAME +SCHEDULE +STATE +NEXT RUN\nnightly +30 2 \* \* \* Europe\/Berlin +active +in \d+/);
    expect(err).toMatch(
      /^Created nightly; its next run is due in .*Z\)\. Follow it with `simple-scheduler-cli list runs -j nightly`\.\n$/,
    );
    expect((await done('add job -n quiet -o name')).err).toBe('');
  });

  test('takes flags of truth with and without a value, and a payload from standard input', async () => {
    expect(await json('add job -n a -c -e')).toMatchObject({ allowConcurrentRuns: true, enabled: true });
    expect(await json('add job -n b --allow-concurrent-runs=false --enabled=false')).toMatchObject({
      allowConcurrentRuns: false,
      enabled: false,
    });
    const { code, out } = await cli.run(words('add job -n c --payload @- -o json'), { input: '[1, "ü"]' });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ payload: [1, 'ü'] });
  });

  test('is refused for a name that is taken, and by the API for what it does not take', async () => {
    await done('add job -n taken');
    expect(await sched('add job -n taken')).toEqual({
      code: 1,
      out: '',
      err: 'Error: There is a job named taken already: take another name, or change it with `simple-scheduler-cli update job taken`.\n',
    });
    expect(await sched('add job -n x -i 0')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^Error: .*interval.*at least 1 ms/),
    });
    expect(await sched('add job -n x --timezone Mars/Olympus')).toMatchObject({
      code: 1,
      err: expect.stringContaining('timezone'),
    });
    expect(await sched("add job -n x --cron '99 * * * *'")).toMatchObject({
      code: 1,
      err: expect.stringContaining('cron'),
    });
    const { err } = await sched('add job -n x -i 0 --verbose');
    expect(err).toMatch(/\n {2}request id \S+\n {2}HTTP status 422\n$/);
    expect(await sched('get job x')).toMatchObject({ code: 1 });
  });
});

describe('listing', () => {
  test('filters, in every format', async () => {
    await done('add job -n report-a -i 5m --meta team=a');
    await done('add job -n report-b -e false --meta team=b');
    await done('add job -n other -i 5m');
    expect((await done('list jobs -o name')).out).toBe('other\nreport-a\nreport-b\n');
    expect((await done('list jobs --name report-* -o name')).out).toBe('report-a\nreport-b\n');
    expect((await done('list jobs -e false -o name')).out).toBe('report-b\n');
    expect((await done('list jobs --meta team=a -o name')).out).toBe('report-a\n');
    expect((await json<Job[]>('list jobs')).map(({ name }) => name)).toEqual(['other', 'report-a', 'report-b']);
    expect(parse((await done('list jobs -o yaml')).out)).toEqual(await json('list jobs'));
    expect((await done('list jobs -o wide')).out).toMatch(/^NAME .* REVISION\n/);
    expect(await sched('list jobs --name none')).toEqual({ code: 0, out: '', err: 'No jobs.\n' });
    expect(await sched('list runs -j none -o json')).toEqual({ code: 0, out: '[]\n', err: '' });
  });

  test('goes over pages, and says when it was cut short', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `job-${String(i).padStart(2, '0')}`);
    for (const name of names) {
      const response = await fetch(`${api.url}/jobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name, enabled: false }),
      });
      expect(response.status).toBe(201);
    }
    const cut = await done('list jobs -l 5 -o name');
    expect(cut.out.trim().split('\n')).toEqual(names.slice(0, 5));
    expect(cut.err).toBe('Only the first 5 jobs are listed: give --limit or --all for more.\n');
    expect(await json<Job[]>('list jobs --all')).toHaveLength(12);
    const exact = await done('list jobs -l 12 -o name');
    expect(exact).toMatchObject({ err: '' });
    expect(exact.out.trim().split('\n')).toEqual(names);
  });
});

describe('a job', () => {
  test('is shown with all its fields, by argument or -n', async () => {
    await done("add job -n send-report -i 90s --description 'Line one'");
    const { out } = await done('get job send-report');
    expect(out).toMatch(/^name +send-report\ndescription +Line one\nenabled +true\ninterval +1m30s\n/);
    expect(out).toMatch(/^nextRunAt +\S+Z \(in 1 m|in \d+ s\)$/m);
    expect((await done('get job -n send-report')).out.split('\n')[0]).toBe(out.split('\n')[0]);
    expect(await json('get job send-report')).toMatchObject({ name: 'send-report', interval: 90_000 });
  });

  test('that is not there may have been meant otherwise', async () => {
    await done('add job -n send-report');
    for (const line of [
      'get job send-reprot',
      'delete job send-reprot',
      'pause job send-reprot',
      'update job send-reprot -i 5m',
      'run job send-reprot',
      'next job send-reprot',
    ]) {
      expect(await sched(line), line).toEqual({
        code: 1,
        out: '',
        err: 'Error: There is no job named send-reprot: did you mean send-report?\n',
      });
    }
    expect((await sched('get job elsewhere')).err).toBe(
      'Error: There is no job named elsewhere: see `simple-scheduler-cli list jobs`.\n',
    );
  });

  test('changes, also from one schedule to the other', async () => {
    await done('add job -n j -i 5m --description old --meta a=1');
    expect(await json<Job>('update job -n j -e false -x 10s --payload null')).toMatchObject({
      enabled: false,
      runExecutionTimeout: 10_000,
      interval: 300_000,
      payload: null,
    });
    const cron = await json<Job>("update job j --cron '0 * * * *'");
    expect(cron).toMatchObject({ cron: '0 * * * *' });
    expect(cron).not.toHaveProperty('interval');
    const cleared = await json<Job>('update job j -i 1h --clear description,meta');
    expect(cleared).toMatchObject({ interval: 3_600_000 });
    for (const field of ['cron', 'description', 'meta']) expect(cleared).not.toHaveProperty(field);
    const bounded = await json<Job>('update job j --end-at 2031-01-01T00:00:00Z --max-retries 2 --retry-delay 5s');
    expect(bounded).toMatchObject({ endAt: '2031-01-01T00:00:00.000Z', maxRetries: 2, retryDelay: 5_000 });
    expect((await done('list jobs -o wide')).out).toMatch(
      / RETRIES +ENDS .*\nj .* 2, 5s to 1h +2031-01-01T00:00:00\.000Z /,
    );
    expect((await done('get job j')).out).toMatch(/^endAt +2031-01-01T00:00:00\.000Z \(in .*\)$/m);
    expect(await json<Job>('update job j --clear endAt')).not.toHaveProperty('endAt');
    expect((await done('update job j -q 3')).err).toBe('Changed j.\n');
  });

  test('pauses and resumes, several at once, and one that fails keeps none of the others', async () => {
    await done('add job -n a -i 5m');
    await done('add job -n b -i 5m');
    const { code, out, err } = await sched('pause job a nope b -o name');
    expect({ code, out }).toEqual({ code: 1, out: 'a\nb\n' });
    expect(err).toContain('There is no job named nope');
    expect(await json<Job[]>('list jobs -e false')).toHaveLength(2);
    expect(await json<Job>('resume job -n a')).toMatchObject({ name: 'a', enabled: true });
    expect(await json<Job[]>('resume job a b')).toMatchObject([{ enabled: true }, { enabled: true }]);
    expect((await sched('resume job x1 x2')).err.trimEnd().split('\n')).toHaveLength(2);
  });

  test('tells its next ticks', async () => {
    await done("add job -n hourly --cron '0 * * * *'");
    const ticks = await json<string[]>('next job hourly --count 3');
    expect(ticks).toHaveLength(3);
    for (const tick of ticks) expect(tick).toMatch(/T\d\d:00:00\.000Z$/);
    expect((await done('next job hourly --count 3 -o name')).out).toBe(`${ticks.join('\n')}\n`);
    expect((await done('next job hourly')).out).toMatch(/^DUE +IN\n\S+Z +in /);
    await done('add job -n on-request');
    expect(await done('next job on-request')).toMatchObject({ out: '', err: 'on-request has no next tick.\n' });
  });

  test('tells what became of its ticks', async () => {
    await done("add job -n hourly --cron '0 * * * *'");
    expect(await done('list ticks hourly')).toMatchObject({ out: '', err: 'No ticks.\n' });
    const ticks = await json<{ outcome: string }[]>('list ticks hourly --to +3h --limit 2');
    expect(ticks.map(({ outcome }) => outcome)).toEqual(['due', 'due']);
    expect((await done('list ticks hourly --to +3h')).out).toMatch(/^DUE +WHEN +OUTCOME\n\S+Z +in .* due\n/);
    const { code, err } = await sched('list ticks hourl');
    expect([code, err]).toEqual([1, expect.stringContaining('hourl')]);
    expect((await sched('list ticks hourly --from soon')).code).toBe(2);
  });

  test('is deleted without a question where nobody could answer it', async () => {
    await done('add job -n a');
    expect(await sched('delete job -n a')).toEqual({ code: 0, out: '', err: 'Deleted a.\n' });
    expect(await sched('get job a')).toMatchObject({ code: 1 });
    await done('add job -n b');
    expect(await sched('delete job b -o name --yes')).toEqual({ code: 0, out: 'b\n', err: '' });
  });

  test('that is gone is told to programs, too', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await done(`add job -n ${name}`);
    expect(await json('delete job a')).toEqual({ name: 'a', action: 'deleted' });
    expect((await done('delete job b -o yaml')).out).toBe('name: b\naction: deleted\n');
    const { code, out } = await sched('delete job c none d -o json');
    expect({ code, told: JSON.parse(out) as unknown }).toEqual({
      code: 1,
      told: ['c', 'd'].map((name) => ({ name, action: 'deleted' })),
    });
  });
});

describe('runs', () => {
  test('are asked for, followed, cancelled and retried', async () => {
    await done('add job -n work');
    const run = await json<Run>(`run job work --payload '{"n":1}'`);
    expect(run).toMatchObject({ jobName: 'work', status: 'pending', trigger: 'manual', payload: { n: 1 } });
    expect(await json(`get run ${run.id}`)).toMatchObject({ id: run.id });
    expect((await done(`get run ${run.id}`)).out).toMatch(
      new RegExp(`^id +${run.id}\njobName +work\nstatus +pending\n`),
    );

    const busy = await done('run job work');
    expect(busy.err).toBe('No run was started (overlap): work is busy and lets no more runs wait.\n');

    const early = await sched(`retry run ${run.id}`);
    expect(early).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^Error: /) });

    expect(await done(`cancel run ${run.id}`)).toMatchObject({
      out: '',
      err: expect.stringContaining(`Asked to cancel ${run.id}.`),
    });
    expect(await json<Run>(`get run ${run.id}`)).toMatchObject({ status: 'cancelling' });
    expect(await done(`cancel run ${run.id} -o name`)).toMatchObject({ out: `${run.id}\n` });
    expect(await json(`cancel run ${run.id}`)).toEqual({ id: run.id, action: 'cancel requested' });

    const listed = await json<Run[]>('list runs -j work');
    expect(listed.map(({ status }) => status)).toEqual(['skipped', 'cancelling']);
    const skipped = listed[0]?.id ?? '';
    expect((await done(`retry run ${skipped}`)).err).toBe(busy.err);
    expect((await done('list runs -s cancelling,failed -o name')).out).toBe(`${run.id}\n`);
    expect(await json('list runs -j work --created-before -1h')).toEqual([]);
    expect((await done('list runs')).out).toMatch(/^ID +JOB +STATUS +TRIGGER +SCHEDULED +TRY +NOTE\n/);

    expect(await json<Run>(`retry run ${skipped}`)).toMatchObject({ trigger: 'retry', parentRunId: skipped });
    expect(await sched(`cancel run ${skipped}`)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^Error: .*skipped/),
    });
  });

  test('that are not there are said to be nowhere', async () => {
    const id = '0193a1b2c3d4e5f601234567';
    for (const verb of ['get', 'cancel', 'retry']) {
      expect(await sched(`${verb} run ${id}`)).toEqual({
        code: 1,
        out: '',
        err: `Error: There is no run ${id}: see \`simple-scheduler-cli list runs\`.\n`,
      });
    }
  });

  test('are asked for once with one idempotency key', async () => {
    await done('add job -n once-only -c');
    const first = await json<Run>('run job once-only --idempotency-key k1');
    expect((await json<Run>('run job once-only --idempotency-key k1')).id).toBe(first.id);
    expect((await json<Run>('run job once-only --idempotency-key k2')).id).not.toBe(first.id);
  });
});

test('the program itself answers with the same words and codes', async () => {
  expect(await cli.run(['add', 'job', '-n', 'j', '-i', '5m', '-o', 'name'])).toEqual({ code: 0, out: 'j\n', err: '' });
  expect(await cli.run(['get', 'job', 'k1'])).toMatchObject({ code: 1, out: '', err: expect.stringContaining('k1') });
  expect(await cli.run(['get', 'job', 'j', '-o', 'json'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('300000'),
  });
});

test('a reader that goes away ends the program without a word', async () => {
  for (const name of ['a', 'b']) await done(`add job -n ${name} --payload '"${'x'.repeat(60_000)}"'`);
  const running = cli.start(['list', 'jobs', '-o', 'json']);
  running.process.stdout.destroy();
  expect(await running.outcome).toMatchObject({ code: 0, err: '' });
});
