import { createConnection } from 'node:net';
import { networkInterfaces } from 'node:os';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, privateFolder, removeFolder, waitFor } from '@simple-scheduler/testkit';
import type { Client } from '@simple-scheduler/client';
import type { Job, MisfirePolicy, Run } from '@simple-scheduler/contracts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { commandLine } from './support/command-line.ts';
import { allRuns, faultsOfLedger, recordOf } from './support/ledger.ts';
import { logLine, spawnStandalone, startStandalone } from './support/standalone.ts';

let folder: string;
let settings: Record<string, string>;
beforeEach(async () => {
  folder = await privateFolder('standalone');
  settings = { API_URL: `:${await freePort()}`, HEALTH_URL: '127.0.0.1:0' };
});
afterEach(() => removeFolder(folder));

it('runs the sample in an empty folder, says where everything is, and is there for this machine only', async () => {
  await using service = await startStandalone(folder, settings);
  const said = service.logged().map(({ msg }) => msg);
  expect(said).toContain(`the API is at ${service.apiUrl}, for this machine only and without authentication`);
  expect(said).toContain(`its documentation is at ${service.docsUrl}`);
  expect(said).toContainEqual(expect.stringContaining('AUTH=none'));
  expect(service.apiUrl).toBe(`http://127.0.0.1${settings['API_URL']}/api`);

  const docs = await fetch(service.docsUrl);
  expect([docs.status, docs.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
  expect(await (await fetch(`${service.apiUrl}/openapi.json`)).json()).toMatchObject({
    openapi: expect.stringMatching(/^3\.1/),
  });
  expect((await fetch(`${service.healthUrl}/readyz`)).status).toBe(200);
  await access(join(folder, 'data', 'simple-scheduler.db'));

  await service.process.line((line) => logLine(line).msg.startsWith('hello: run due '), 15_000);
  const [run] = await completedRuns(service.client);
  expect(run).toMatchObject({ trigger: 'schedule', output: 'Hello, world!', workerId: 'sample-worker', attempt: 1 });
  await using sched = await commandLine(service.apiUrl);
  expect(await sched('get job hello')).toMatchObject({ code: 0, stdout: expect.stringMatching(/hello/) });

  const elsewhere = ['127.0.0.2', ...addressesOfThisMachine()];
  const ports = [service.apiUrl, service.healthUrl].map((url) => Number(new URL(url).port));
  for (const host of elsewhere)
    for (const port of ports) expect(await answers(host, port), `${host}:${port}`).toBe(false);
  for (const port of ports) expect(await answers('127.0.0.1', port)).toBe(true);

  expect(await service.process.stop()).toBe(0);
});

const POLICIES: readonly MisfirePolicy[] = ['skip', 'fire_once', 'fire_all'];
const INTERVAL_MS = 100;
const GRACE_MS = 1_000;

it('keeps jobs and runs over a stop and a kill, and treats what it missed as each job wants', async () => {
  let service = await startStandalone(folder, settings);
  for (const misfirePolicy of POLICIES)
    await service.client.jobs.create({
      name: misfirePolicy,
      interval: INTERVAL_MS,
      allowConcurrentRuns: true,
      misfirePolicy,
      misfireLimit: 1_000,
      misfireGrace: GRACE_MS,
    });
  await greet(service.client);
  for (const name of POLICIES) await laterTick(service.client, name, Date.now());

  for (const end of ['stop', 'kill'] as const) {
    const kept = await everything(service.client);
    if (end === 'stop') expect(await service.process.stop()).toBe(0);
    else await service.process.kill();
    const endedAt = Date.now();
    await waitFor(() => Date.now() > endedAt + GRACE_MS + 20 * INTERVAL_MS, { message: 'twenty missed ticks' });

    const startedAt = Date.now();
    service = await startStandalone(folder, settings);
    expect(Date.now() - startedAt, 'time of a restart').toBeLessThan(10_000);
    expect(await everything(service.client)).toMatchObject(kept);
    await greet(service.client);

    for (const name of POLICIES) {
      await laterTick(service.client, name, Date.now());
      const runs = await allRuns(service.client, name);
      expect(faultsOfLedger(runs, INTERVAL_MS), `${name} over a ${end}`).toEqual({ missing: [], doubled: [] });
      expectMisfires(runs, name, { from: endedAt, to: startedAt - GRACE_MS });
    }
  }
  expect(await service.process.stop()).toBe(0);
});

it('says what is wrong when there is one already, and leaves that one alone', async () => {
  await using first = await startStandalone(folder, settings);
  const sameData = spawnStandalone(folder, { ...settings, API_URL: ':0' });
  expect(await sameData.ended).toBe(1);
  expect(logLine(sameData.lines[0] ?? '')).toMatchObject({
    level: 'fatal',
    msg: expect.stringMatching(/another process works on the data in \/.+\/data\/simple-scheduler\.db\. End that one/),
  });

  const other = await privateFolder('standalone');
  const samePort = spawnStandalone(other, settings);
  expect(await samePort.ended).toBe(1);
  const fatal = samePort.lines.map(logLine).find(({ level }) => level === 'fatal');
  expect(fatal?.msg).toMatch(/Cannot listen on 127\.0\.0\.1:\d+: it is taken .* with SIMPLE_SCHEDULER_API_URL\./);
  await removeFolder(other);

  await greet(first.client);
  expect(await first.process.stop()).toBe(0);
});

/** A run of the sample by hand. One that meets a run by schedule is skipped, so it is asked for again then. */
async function greet(client: Client): Promise<void> {
  // A process that was killed in a run leaves it busy for the heartbeat timeout of the sample.
  const patience = { timeoutMs: 25_000, intervalMs: 100 };
  const { id } = await waitFor(
    async () => {
      const run = await client.jobs.run('hello');
      return run.status === 'skipped' ? undefined : run;
    },
    { ...patience, message: 'the sample to be free' },
  );
  await waitFor(async () => (await client.runs.get(id)).status === 'completed', {
    ...patience,
    message: `the sample's run ${id} to be completed`,
  });
}

async function completedRuns(client: Client): Promise<readonly Run[]> {
  return waitFor(async () => {
    const { items } = await client.runs.list({ jobName: 'hello', status: ['completed'] });
    return items.length > 0 ? items : undefined;
  });
}

/** A job has a record of a tick after this instant. */
async function laterTick(client: Client, jobName: string, at: number): Promise<void> {
  await waitFor(
    async () => {
      const [latest] = (await client.runs.list({ jobName, limit: 1 })).items;
      return latest !== undefined && Date.parse(latest.scheduledAt) > at;
    },
    { message: `a later tick of ${jobName}` },
  );
}

/** What a restart must not change: jobs as their users made them, and runs that have ended. */
async function everything(client: Client): Promise<object> {
  const jobs = await Array.fromAsync(client.jobs.each());
  const ended = await Array.fromAsync(client.runs.each({ status: ['completed', 'skipped'], limit: 500 }));
  const sameInAll = ({ managerId: _, heartbeat: __, nextRunAt: ___, ...job }: Job): object => job;
  return {
    jobs: Object.fromEntries(jobs.map((job) => [job.name, sameInAll(job)])),
    runs: Object.fromEntries(ended.map((run) => [run.id, run])),
  };
}

/** Every tick between the two instants was missed; this is what became of them. */
function expectMisfires(runs: readonly Run[], policy: MisfirePolicy, { from, to }: { from: number; to: number }): void {
  const missed = runs.flatMap(ticksOf).filter((tick) => tick > from && tick < to);
  expect(missed.length).toBeGreaterThan(15);
  const records = missed.map((tick) => recordOf(runs, tick));
  const left = records.filter((run) => run?.status === 'skipped' && run.reason === 'misfire');
  const made = records.filter((run) => run?.status !== 'skipped' && run?.trigger === 'misfire');
  expect(left.length + made.length, policy).toBe(missed.length);
  if (policy === 'fire_all') expect(left, policy).toEqual([]);
  else {
    // A long row of ticks that are left out is one record.
    expect(
      left.some((run) => (run?.count ?? 1) > 10),
      policy,
    ).toBe(true);
    const caughtUp = runs.filter((run) => run.trigger === 'misfire' && run.status !== 'skipped');
    const since = caughtUp.filter((run) => Date.parse(run.scheduledAt) > from);
    expect(since.length > 0, policy).toBe(policy === 'fire_once');
    expect(made.length, policy).toBeLessThanOrEqual(policy === 'fire_once' ? 1 : 0);
  }
}

function ticksOf(run: Run): number[] {
  const first = Date.parse(run.scheduledAt);
  const count = run.count ?? 1;
  return Array.from({ length: count }, (_, i) => first + i * INTERVAL_MS);
}

function addressesOfThisMachine(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: 2_000 });
    const settle = (outcome: boolean) => (): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once('connect', settle(true)).once('error', settle(false)).once('timeout', settle(false));
  });
}
