import type { JobInput } from '@simple-scheduler/contracts';
import { createClient } from '@simple-scheduler/client';
import {
  freePort,
  freshDatabase,
  type MongodbServer,
  type RabbitmqServer,
  startMongodb,
  startRabbitmq,
  waitFor,
} from '@simple-scheduler/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HealthReport, metric, readyz } from './support/health.ts';
import { install } from './support/installation.ts';
import { allRuns, faultsOfLedger } from './support/ledger.ts';
import { startPlainWorker } from './support/plain-worker.ts';
import { type Spawned, spawnService } from './support/service.ts';
import { logLine } from './support/standalone.ts';

let mongodb: MongodbServer;
let rabbitmq: RabbitmqServer;
beforeAll(async () => {
  [mongodb, rabbitmq] = await Promise.all([startMongodb(), startRabbitmq()]);
});
afterAll(() => Promise.all([mongodb.remove(), rabbitmq.remove()]));

const OUTAGE_MS = 5_000;
const STARTS = { timeoutMs: 60_000 };

/** What a service said of this above debug. */
const told = (service: Spawned, of: RegExp): string[] =>
  service.lines.map(logLine).flatMap(({ level, msg }) => (level !== 'debug' && of.test(msg) ? [msg] : []));
const trials = (service: Spawned): number => service.lines.filter((line) => line.includes('failed again')).length;
const report = (address: string, wanted: (report: HealthReport) => boolean): Promise<HealthReport> =>
  waitFor(async () => {
    const answer = await readyz(address);
    return wanted(answer) ? answer : undefined;
  }, STARTS);

it('waits for a database and a broker that are not there at start, says so, and begins when they are', async () => {
  await Promise.all([mongodb.stop(), rabbitmq.stop()]);
  const address = async (): Promise<string> => `127.0.0.1:${await freePort()}`;
  const at = { scheduler: await address(), custodian: await address(), api: await address() };
  const env = {
    SIMPLE_SCHEDULER_DB_CONNECTION_STRING: mongodb.url,
    SIMPLE_SCHEDULER_DB_NAME: freshDatabase(),
    SIMPLE_SCHEDULER_MESSAGEBUS_CONNECTION_STRING: rabbitmq.url,
    SIMPLE_SCHEDULER_LOG_FORMAT: 'json',
    SIMPLE_SCHEDULER_LOG_LEVEL: 'debug',
    SIMPLE_SCHEDULER_AUTH: 'none',
    SIMPLE_SCHEDULER_API_URL: at.api,
  };
  const start = (name: 'scheduler' | 'custodian' | 'api'): Spawned =>
    spawnService(name, { ...env, ...(name === 'api' ? {} : { SIMPLE_SCHEDULER_HEALTH_URL: at[name] }) });
  const [scheduler, custodian, api] = [start('scheduler'), start('custodian'), start('api')];
  const services = [
    [scheduler, at.scheduler],
    [custodian, at.custodian],
    [api, at.api],
  ] as const;
  await using _ = { [Symbol.asyncDispose]: () => Promise.all(services.map(([each]) => each.stop())).then(() => {}) };

  for (const [service, where] of services) {
    const { status, checks } = await report(where, ({ checks: { database } }) =>
      /MongoDB/.test(database?.reason ?? ''),
    );
    expect(status).toBe(503);
    expect(checks['database']).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^waiting for the database: MongoDB is not available: .*/),
    });
    expect((await fetch(`http://${where}/healthz`)).status).toBe(200);
    expect(told(service, /^ready$/)).toEqual([]);
  }
  const early = await fetch(`http://${at.api}/api/jobs`);
  expect(early.status).toBe(503);
  expect(early.headers.get('retry-after')).toMatch(/^\d+$/);
  expect((await fetch(`http://${at.api}/api/status`)).status).toBe(200);
  for (const [service] of services) {
    await waitFor(() => trials(service) >= 1, { ...STARTS, message: `${service.name} to try again` });
    expect(told(service, /database|MongoDB/), `${service.name} says it once`).toEqual([
      'connecting to the database failed; trying again',
    ]);
  }

  await mongodb.start();
  for (const service of [custodian, api]) await service.line((line) => line.includes('"msg":"ready"'));
  const { checks } = await report(at.scheduler, (answer) => answer.checks['message bus']?.reason !== undefined);
  expect(checks).toMatchObject({
    database: { ok: true },
    'message bus': { ok: false, reason: expect.stringMatching(/^waiting for the message bus/) },
  });
  expect((await readyz(at.custodian)).status).toBe(200);
  const client = createClient({ baseUrl: `http://${at.api}/api` });
  await client.jobs.create({ name: 'early-bird', interval: 500, allowConcurrentRuns: true });
  expect(told(scheduler, /^ready$/)).toEqual([]);

  await rabbitmq.start();
  await scheduler.line((line) => line.includes('"msg":"ready"'), STARTS.timeoutMs);
  await report(at.scheduler, ({ status }) => status === 200);
  await using worker = await startPlainWorker({ url: rabbitmq.url, jobs: ['early-bird'] });
  await waitFor(() => worker.receipts.length >= 3);
  expect(told(scheduler, /connecting to the/)).toEqual([
    'connecting to the database failed; trying again',
    'connecting to the database works again',
    'connecting to the message bus failed; trying again',
    'connecting to the message bus works again',
  ]);
});

describe('a database that is away for five seconds', () => {
  const policies = {
    late: {},
    'fire-once': { misfireGrace: 1_000 },
    skip: { misfireGrace: 1_000, misfirePolicy: 'skip' },
    'fire-all': { misfireGrace: 1_000, misfirePolicy: 'fire_all' },
  } as const satisfies Record<string, Partial<JobInput>>;
  const INTERVAL_MS = 250;

  it('leaves every tick with a record and every process alive, and the API says that it is away', async () => {
    await Promise.all([mongodb.start(), rabbitmq.start()]);
    await using system = await install({ mongodb, rabbitmq, vhost: false, schedulers: 2 });
    const names = Object.keys(policies);
    await using worker = await startPlainWorker({ url: system.amqpUrl, jobs: names });
    for (const [name, policy] of Object.entries(policies))
      await system.client.jobs.create({ name, interval: INTERVAL_MS, allowConcurrentRuns: true, ...policy });
    const ran = (after: number): boolean =>
      names.every((name) => worker.receipts.some((r) => r.jobName === name && Date.parse(r.scheduledAt ?? '') > after));
    await waitFor(() => ran(Date.now() - 1_000), { message: 'all jobs to run' });

    const wentAt = Date.now();
    await mongodb.stop();
    const answers: Response[] = [];
    await waitFor(
      async () => {
        answers.push(await fetch(`${system.apiUrl}/jobs`, { signal: AbortSignal.timeout(8_000) }));
        return Date.now() - wentAt >= OUTAGE_MS;
      },
      { timeoutMs: 30_000, intervalMs: 250 },
    );
    await mongodb.start();
    const backAt = Date.now();
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(await answer.json()).toMatchObject({ status: 503, title: expect.any(String), code: 'unavailable' });
    }

    await waitFor(() => ran(backAt), { timeoutMs: 30_000, message: 'all jobs to run again' });
    await waitFor(() => ran(Date.now() - 1_000), { timeoutMs: 30_000, message: 'all jobs to have caught up' });
    for (const name of names) await system.client.jobs.pause(name);
    for (const name of names) {
      const runs = await allRuns(system.client, name);
      expect(faultsOfLedger(runs, INTERVAL_MS), name).toEqual({ missing: [], doubled: [] });
      const missed = runs.filter((run) => run.reason === 'misfire' || run.trigger === 'misfire');
      const triggers = new Set(missed.map((run) => (run.trigger === 'misfire' ? 'run' : 'skipped')));
      const expected = { late: [], 'fire-once': ['run', 'skipped'], skip: ['skipped'], 'fire-all': ['run'] }[name];
      expect([...triggers].toSorted(), name).toEqual(expected);
      for (const run of missed) expect(Date.parse(run.scheduledAt)).toBeGreaterThan(wentAt - INTERVAL_MS);
    }
    for (const each of [...system.schedulers, ...system.custodians, system.api]) {
      expect(each.child.exitCode, `${each.name} lives`).toBeNull();
      expect(each.lines.filter((line) => line.includes('"level":"fatal"'))).toEqual([]);
    }
    for (const custodian of system.custodians)
      expect(await metric(custodian, 'simple_scheduler_jobs_freed_total'), 'jobs change hands').toBe(0);
  });
});
