/**
 * What each stage of a run costs on the store alone: time, CPU of MongoDB and CPU of the driver, by the size of the
 * batch. Together with what a message costs (`--workload floor`) it is the model of cost per run in docs/performance.md.
 *
 *     node --conditions=x-source bench/src/stage-costs.ts [batch size]…
 */
import { randomBytes } from 'node:crypto';
import { jobRecord, runRecord } from '@simple-scheduler/conformance';
import { activeSlot, type JobRecord, type RunRecord, tickKey } from '@simple-scheduler/core';
import { type Store, STORE_BATCH_MAX } from '@simple-scheduler/engine';
import { openMongoStore } from '@simple-scheduler/store-mongodb';
import { freshDatabase, startMongodb } from '@simple-scheduler/testkit';
import { MongoClient } from 'mongodb';
import { serverCpuUs } from './server-cpu.ts';

/** Runs that each stage is measured with, in so many batches at most, after as many that warm up. */
const RUNS = 5_000;
const BATCHES_MAX = 500;
const DEFAULT_BATCHES = [1, 20, 100, 500];
const MANAGER = 'bench';

interface Cost {
  wallMs: number;
  /** µs of CPU. */
  driver: number;
  mongodb: number;
}

interface Batch {
  readonly jobs: readonly JobRecord[];
  readonly runs: readonly RunRecord[];
}

/**
 * All batches through one stage after the other, as the scheduler goes through them with each. Not batch by batch: asking
 * MongoDB what CPU it has used costs it a millisecond, which must not count for the stage.
 */
async function round(
  store: Store,
  batches: readonly Batch[],
  at: number,
  stage: (name: string, work: (batch: Batch) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  await stage('load the jobs', ({ jobs }) => store.getJobs(jobs.map(({ name }) => name)));
  await stage('look for their active runs', ({ jobs }) => store.occupancy(jobs.map(({ uid }) => uid)));
  await stage('record the runs', ({ runs }) => store.insertRuns(runs));
  await stage('move the jobs on', ({ jobs }) =>
    store.advanceJobs(
      jobs.map(({ name, uid, epoch, leaseToken }, index) => ({
        name,
        uid,
        epoch,
        managerId: MANAGER,
        leaseToken: leaseToken + 1,
        from: at + index,
        to: at + index + 1_000,
      })),
    ),
  );
  await stage('mark them published', ({ runs }) =>
    store.markPublished(runs.map(({ id }) => ({ id, attempt: 1, action: 'run', at: at + 5, watchAt: at + 60_000 }))),
  );
  await stage('load the runs (running)', ({ runs }) => store.getRuns(runs.map(({ id }) => id)));
  await stage('write running', ({ runs }) =>
    store.updateRuns(
      runs.map(({ id }) => ({
        id,
        rev: 0,
        change: {
          set: { status: 'running', startedAt: at + 8, heartbeatAt: at + 8, watchAt: at + 90_000 },
          unset: [],
        },
      })),
    ),
  );
  await stage('load the runs (completed)', ({ runs }) => store.getRuns(runs.map(({ id }) => id)));
  await stage('write completed', ({ runs }) =>
    store.updateRuns(
      runs.map(({ id }) => ({
        id,
        rev: 1,
        change: { set: { status: 'completed', endedAt: at + 9 }, unset: ['slot', 'watchAt'] },
      })),
    ),
  );
  await stage('look for waiting runs', ({ jobs }) => store.oldestWaiting(jobs.map(({ uid }) => uid)));
}

function runsOf(jobs: readonly JobRecord[], at: number): RunRecord[] {
  return jobs.map((job) => {
    const createdAt = at + 3;
    const id = createdAt.toString(16).padStart(12, '0') + randomBytes(6).toString('hex');
    const identity = { id, jobUid: job.uid, jobName: job.name, tickKey: tickKey(job, at), slot: activeSlot(job.uid) };
    return runRecord({ ...identity, createdAt, scheduledAt: at, owes: 'run', watchAt: createdAt + 5_000 });
  });
}

async function measure(url: string, size: number): Promise<Map<string, Cost>> {
  const store = await openMongoStore({ connectionString: url, dbName: freshDatabase() });
  await store.migrate();
  await using client = await MongoClient.connect(url);
  const begin = Date.now();
  const count = Math.min(BATCHES_MAX, Math.ceil(RUNS / size));
  const batches = Array.from({ length: count }, (_, n) =>
    Array.from({ length: size }, (_each, index) => jobRecord({ name: `job-${n}-${index}`, nextRunAt: begin + index })),
  );
  for (const jobs of batches) await Promise.all(jobs.map((job) => store.insertJob(job)));
  for (let free = count * size; free > 0; free -= STORE_BATCH_MAX)
    await store.takeFreeJobs(MANAGER, Math.min(free, STORE_BATCH_MAX));
  const costs = new Map<string, Cost>();
  for (const at of [begin, begin + 1_000]) {
    const withRuns = batches.map((jobs): Batch => ({ jobs, runs: runsOf(jobs, at) }));
    await round(store, withRuns, at, async (name, work) => {
      const before = await serverCpuUs(client);
      const cpu = process.cpuUsage();
      const startedAt = performance.now();
      for (const batch of withRuns) await work(batch);
      const wallMs = (performance.now() - startedAt) / count;
      const { user, system } = process.cpuUsage(cpu);
      const mongodb = ((await serverCpuUs(client)) - before) / (count * size);
      // The first round warms up.
      if (at > begin) costs.set(name, { wallMs, driver: (user + system) / (count * size), mongodb });
    });
  }
  await store.close();
  return costs;
}

const server = await startMongodb();
try {
  const sizes = process.argv.slice(2).map(Number);
  for (const batch of sizes.length > 0 ? sizes : DEFAULT_BATCHES) {
    const costs = await measure(server.url, batch);
    const rows = [...costs].map(([stage, { wallMs, driver, mongodb }]) => ({
      stage,
      'ms per batch': Math.round(wallMs * 10) / 10,
      'driver µs per run': Math.round(driver * 10) / 10,
      'MongoDB µs per run': Math.round(mongodb * 10) / 10,
    }));
    const sum = (key: 'driver µs per run' | 'MongoDB µs per run'): number =>
      Math.round(rows.reduce((total, row) => total + row[key], 0));
    console.log(
      `batches of ${batch}: driver ${sum('driver µs per run')}, MongoDB ${sum('MongoDB µs per run')} µs per run`,
    );
    console.table(rows);
  }
} finally {
  await server.remove();
}
