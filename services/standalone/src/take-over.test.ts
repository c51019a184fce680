import { createMemoryBroker } from '@simple-scheduler/bus-memory';
import { jobCreateSchema, topologyFor } from '@simple-scheduler/contracts';
import { createJob, runNow } from '@simple-scheduler/engine';
import type { ApiContext, Store } from '@simple-scheduler/engine';
import { createReadiness, createSystemIds, systemClock, systemPatience, systemRandom } from '@simple-scheduler/runtime';
import { buildScheduler } from '@simple-scheduler/service-scheduler';
import { openSqliteStore } from '@simple-scheduler/store-sqlite';
import { waitFor } from '@simple-scheduler/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { takeOver } from './take-over.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const meter = { count: () => {}, gauge: () => {}, observe: () => {} };

let store: Store;
beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:' });
  await store.migrate();
});
afterEach(() => store.close());

/** What one process has of its own: a bus, and what works on it. */
async function newProcess() {
  const broker = createMemoryBroker();
  const bus = broker.bus();
  await bus.connect();
  const common = { store, bus, clock: systemClock, ids: createSystemIds(), log, meter };
  const context: ApiContext = { ...common, patience: systemPatience };
  const settings = {
    maxJobs: 0,
    heartbeatIntervalMs: 1_000,
    heartbeatTimeoutMs: 600_000,
    cleanupIntervalMs: 600_000,
    cacheRefreshIntervalMs: 600_000,
    shutdownTimeoutMs: 10_000,
  };
  const scheduler = buildScheduler({ ...common, random: systemRandom, readiness: createReadiness(), settings });
  return { broker, context, scheduler };
}

it('gives jobs and untaken runs of a killed process to the next one', async () => {
  const first = await newProcess();
  const job = await createJob(first.context, jobCreateSchema.parse({ name: 'a', interval: 3_600_000 }));
  const run = await runNow(first.context, { name: job.name });
  await waitFor(async () => (await store.getRun(run.id))?.publishedAt !== undefined);
  // What a killed process leaves: its registration, its jobs, a published run, and no bus.
  const killed = 'f'.repeat(24);
  await store.renewManager({ id: killed, startedAt: 1, maxJobs: 0 });
  await store.takeFreeJobs(killed, 10);

  const second = await newProcess();
  await takeOver(store, { now: systemClock.now(), log });
  await second.scheduler.start();
  const actions: { runId: string; attempt: number }[] = [];
  await second.broker.worker().consumeActions(topologyFor({ name: 'a' }), {
    prefetch: 10,
    onMessage: ({ body }) => actions.push(JSON.parse(new TextDecoder().decode(body)) as (typeof actions)[number]),
  });
  await waitFor(async () => actions.length > 0);
  expect(actions).toMatchObject([{ runId: run.id, attempt: 1 }]);
  await waitFor(async () => (await store.getJob('a'))?.managerId === second.scheduler.managerId);
  expect((await store.listManagers()).managers.map(({ id }) => id)).toEqual([second.scheduler.managerId]);
  await second.scheduler.stop();
});
