import { createMemoryBroker } from '@simple-scheduler/bus-memory';
import { jobCreateSchema, topologyFor } from '@simple-scheduler/contracts';
import { chanceOf } from '@simple-scheduler/core';
import { createJob, deleteJob, runNow } from '@simple-scheduler/engine';
import type { ApiContext, MessageBus, Store } from '@simple-scheduler/engine';
import { createReadiness, createSystemIds, systemClock, systemRandom } from '@simple-scheduler/runtime';
import { openSqliteStore } from '@simple-scheduler/store-sqlite';
import { waitFor } from '@simple-scheduler/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildScheduler } from './app.ts';
import type { Scheduler } from './app.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
/** How late runs started, by the metric. */
const latenesses: number[] = [];
const meter = {
  count: () => {},
  gauge: () => {},
  observe: (name: string, value: number): void => void (name === 'tick_lateness_ms' && latenesses.push(value)),
};

let store: Store;
let broker: ReturnType<typeof createMemoryBroker>;
const running: Scheduler[] = [];

beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:' });
  await store.migrate();
  broker = createMemoryBroker();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((scheduler) => scheduler.stop()));
  await store.close();
});

async function context(): Promise<ApiContext> {
  const bus = broker.bus();
  await bus.connect();
  const within: ApiContext['patience']['within'] = async (work) => ({ kind: 'done', value: await work });
  return { store, bus, clock: systemClock, ids: createSystemIds(), log: quiet, meter, patience: { within } };
}

async function scheduler(
  settings: { maxJobs?: number; cacheRefreshIntervalMs?: number } = {},
  over: (bus: MessageBus) => Partial<MessageBus> = () => ({}),
) {
  const readiness = createReadiness();
  const parts = await context();
  const built = buildScheduler({
    ...parts,
    bus: overlaid(parts.bus, over(parts.bus)),
    random: systemRandom,
    readiness,
    settings: {
      maxJobs: 0,
      heartbeatIntervalMs: 50,
      heartbeatTimeoutMs: 10_000,
      // Longer than any test: what happens here is heard of, not looked for.
      cleanupIntervalMs: 600_000,
      cacheRefreshIntervalMs: 600_000,
      shutdownTimeoutMs: 10_000,
      ...settings,
    },
  });
  running.push(built);
  return { scheduler: built, readiness };
}

/** The bus, but for what is there instead. */
function overlaid(bus: MessageBus, instead: Partial<MessageBus>): MessageBus {
  return new Proxy(bus, {
    get: (target, method) => {
      const own: unknown = instead[method as keyof MessageBus] ?? target[method as keyof MessageBus];
      return typeof own === 'function' ? (own.bind(target) as unknown) : own;
    },
  });
}

/** Ends every run of the job at once: fails the first attempts, as many as told, and completes the rest. */
async function worker(jobName: string, failures = 0): Promise<void> {
  const transport = broker.worker();
  const topology = topologyFor({ name: jobName });
  await transport.consumeActions(topology, {
    prefetch: 10,
    onMessage: (delivery) => {
      const { runId, attempt } = JSON.parse(new TextDecoder().decode(delivery.body)) as {
        runId: string;
        attempt: number;
      };
      const status = { jobName, runId, attempt, status: attempt <= failures ? 'failed' : 'completed' };
      void transport
        .publish('status', topology, new TextEncoder().encode(JSON.stringify(status)))
        .then(() => delivery.ack());
    },
  });
}

const heldBy = async (name: string): Promise<string | undefined> => (await store.getJob(name))?.managerId;

describe('a scheduler', () => {
  it('turns ticks into runs and follows them to their end', async () => {
    const { scheduler: built, readiness } = await scheduler();
    expect((await readiness.report()).checks['scheduler']).toEqual({ ok: false, reason: 'its lease is not renewed' });
    await built.start();
    expect(await readiness.report()).toMatchObject({ ready: true });
    await worker('a');
    await createJob(await context(), jobCreateSchema.parse({ name: 'a', interval: 50 }));
    const runs = await waitFor(async () => {
      const completed = (await store.listRuns({ limit: 50, jobName: 'a', statuses: ['completed'] })).runs;
      return completed.length >= 3 ? completed : undefined;
    });
    const ticks = runs.map((run) => run.scheduledAt);
    expect(new Set(ticks).size).toBe(ticks.length);
  });

  it('tries again when a retry is due, not at its next look at what is late', async () => {
    await (await scheduler()).scheduler.start();
    await worker('a', 2);
    const retries = { maxRetries: 2, retryBackoff: 'fixed', retryDelay: 100 };
    const nextRunAt = new Date().toISOString();
    await createJob(await context(), jobCreateSchema.parse({ name: 'a', nextRunAt, ...retries }));
    const [run] = await waitFor(async () => {
      const { runs } = await store.listRuns({ limit: 2, jobName: 'a', statuses: ['completed'] });
      return runs.length > 0 ? runs : undefined;
    });
    expect(run).toMatchObject({ attempt: 3, attempts: [{ outcome: 'failed' }, { outcome: 'failed' }] });
  });

  it('starts jobs with jitter later than their ticks, and does not count that as late', async () => {
    await (await scheduler()).scheduler.start();
    await worker('a');
    latenesses.length = 0;
    const jitter = 200;
    const at = Date.now();
    const input = { name: 'a', nextRunAt: new Date(at).toISOString(), jitter };
    const { uid } = await createJob(await context(), jobCreateSchema.parse(input));
    await waitFor(() => latenesses.length > 0);
    const [run] = (await store.listRuns({ limit: 1, jobName: 'a' })).runs;
    const startsAt = at + Math.floor(chanceOf(`${uid}:${at}`) * (jitter + 1));
    expect(run?.scheduledAt).toBe(at);
    expect(run?.createdAt).toBeGreaterThanOrEqual(startsAt);
    expect(latenesses).toEqual([(run?.createdAt ?? 0) - startsAt]);
  });

  it('takes no more jobs than it may, and another one takes the rest', async () => {
    for (const name of ['a', 'b', 'c'])
      await createJob(await context(), jobCreateSchema.parse({ name, interval: 3_600_000 }));
    const { scheduler: first } = await scheduler({ maxJobs: 1 });
    await first.start();
    await waitFor(async () => (await store.countTakeable()).free === 2);
    const { scheduler: second } = await scheduler();
    await second.start();
    await waitFor(async () => (await store.countTakeable()).free === 0);
    expect((await store.heldJobs(first.managerId, { limit: 9 })).length).toBe(1);
  });

  it('counts jobs only where it shares them with others', async () => {
    let counts = 0;
    const { countTakeable } = store;
    store.countTakeable = () => {
      counts += 1;
      return countTakeable();
    };
    for (const name of ['a', 'b', 'c', 'd'])
      await createJob(await context(), jobCreateSchema.parse({ name, interval: 3_600_000 }));
    const { scheduler: first } = await scheduler();
    await first.start();
    await waitFor(async () => (await store.heldJobs(first.managerId, { limit: 9 })).length === 4);
    expect(counts).toBe(0);
    const { scheduler: second } = await scheduler();
    await second.start();
    await waitFor(async () => (await store.heldJobs(second.managerId, { limit: 9 })).length === 2);
    expect(counts).toBeGreaterThan(0);
  });

  it('takes no more jobs once it is asked to stop', async () => {
    for (const name of ['a', 'b', 'c'])
      await createJob(await context(), jobCreateSchema.parse({ name, interval: 3_600_000 }));
    const { scheduler: built } = await scheduler();
    const { takeFreeJobs } = store;
    let takings = 0;
    let stopped: Promise<void> | undefined;
    store.takeFreeJobs = async (managerId) => {
      takings += 1;
      stopped ??= built.stop();
      return takeFreeJobs(managerId, 1);
    };
    await built.start();
    await waitFor(() => stopped !== undefined);
    await stopped;
    expect(takings).toBe(1);
    expect((await store.countTakeable()).free).toBe(3);
  });

  it('gives its jobs back and signs off when it stops, and another takes over at once', async () => {
    await createJob(await context(), jobCreateSchema.parse({ name: 'a', interval: 3_600_000 }));
    const { scheduler: first, readiness } = await scheduler();
    await first.start();
    await waitFor(async () => (await heldBy('a')) === first.managerId);
    const { scheduler: second } = await scheduler();
    await second.start();
    await first.stop();
    expect((await readiness.report()).checks['scheduler']).toEqual({ ok: false, reason: 'stopping' });
    expect((await store.listManagers()).managers.map(({ id }) => id)).toEqual([second.managerId]);
    await waitFor(async () => (await heldBy('a')) === second.managerId);
  });

  it('is not ready while the bus is away', async () => {
    const { scheduler: built, readiness } = await scheduler();
    await built.start();
    broker.interrupt();
    await waitFor(async () => !(await readiness.report()).ready);
    broker.resume();
    await waitFor(async () => (await readiness.report()).ready);
  });

  it('can be stopped twice, before it starts, and while it starts', async () => {
    const { scheduler: built } = await scheduler();
    await Promise.all([built.stop(), built.stop()]);
    const { scheduler: second } = await scheduler();
    const starting = second.start();
    await second.stop();
    await starting;
    expect((await store.listManagers()).managers).toEqual([]);
  });
});

describe('while one action is not confirmed', () => {
  const stuck = Promise.withResolvers<void>();
  /** Like a queue on a node that is away: its actions are settled only at the end. */
  const holdUp = (jobName: string, asked: () => void) => (bus: MessageBus) => ({
    publishActions: async (actions: Parameters<MessageBus['publishActions']>[0]) => {
      if (!actions.some(({ body }) => body.jobName === jobName)) return bus.publishActions(actions);
      asked();
      await stuck.promise;
      return actions.map(() => 'unconfirmed' as const);
    },
  });

  it('hears the workers of all other jobs', async () => {
    const api = await context();
    let held = 0;
    const { scheduler: built } = await scheduler(
      {},
      holdUp('stuck', () => (held += 1)),
    );
    await built.start();
    const transport = broker.worker();
    const say = (jobName: string, runId: string): Promise<unknown> =>
      transport.publish(
        'status',
        topologyFor({ name: jobName }),
        new TextEncoder().encode(JSON.stringify({ jobName, runId, status: 'completed' })),
      );
    for (const name of ['stuck', 'other']) await createJob(api, jobCreateSchema.parse({ name, maxQueueCount: 1 }));
    const [active] = [await runNow(api, { name: 'stuck' }), await runNow(api, { name: 'stuck' })];
    const other = await runNow(api, { name: 'other' });
    await say('stuck', active.id);
    await waitFor(() => held > 0, { message: 'the waiting run to be published' });
    await say('other', other.id);
    await waitFor(async () => (await store.getRun(other.id))?.status === 'completed');
    stuck.resolve();
  });

  it('gives its jobs back when it stops, also while it cleans up after a deleted one', async () => {
    const api = await context();
    await createJob(api, jobCreateSchema.parse({ name: 'stuck' }));
    await createJob(api, jobCreateSchema.parse({ name: 'a', interval: 3_600_000 }));
    const run = await runNow(api, { name: 'stuck' });
    broker.interrupt();
    await deleteJob(api, 'stuck');
    const { listDeletions } = store;
    const longAgo = (deletedAt: number): number => deletedAt - 60_000;
    store.listDeletions = async (limit) =>
      (await listDeletions(limit)).map((one) => ({ ...one, deletedAt: longAgo(one.deletedAt) }));
    broker.resume();
    expect((await store.getRun(run.id))?.owes).toBe('cancel');
    let held = 0;
    const release = Promise.withResolvers<void>();
    const { scheduler: built } = await scheduler({ cacheRefreshIntervalMs: 20 }, (bus) => ({
      publishActions: async (actions) => {
        held += 1;
        await release.promise;
        return bus.publishActions(actions);
      },
    }));
    await built.start();
    await waitFor(async () => held > 0 && (await heldBy('a')) === built.managerId);
    const stopping = built.stop();
    await waitFor(async () => (await heldBy('a')) === undefined, { message: 'the job to be free' });
    release.resolve();
    await stopping;
  });
});
