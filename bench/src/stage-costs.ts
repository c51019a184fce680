/**
 * What each stage of a run costs on the store alone: time, CPU of MongoDB and CPU of the driver, by the size of the
 * batch. Together with what a message costs (`--workload floor`) it is the model of cost per run in docs/performance.md.
 *
 *     node --conditions=x-source bench/src/stage-costs.ts [batch size]…
 */
import { randomBytes } from 'node:crypto';
import { jobRecord, runRecord } from '@simple-scheduler/conformance';
import { activeSlot, type JobRecord, type RunRecord, tickKey } from '@simple-scheduler/core';
import type { Store } from '@simple-scheduler/engine';
import { openMongoStore } from '@simple-scheduler/store-mongodb';
import { freshDatabase, startMongodb } from '@simple-scheduler/testkit';
import { MongoClient } from 'mongodb';
import { serverCpuUs } from './server-cpu.ts';

/** Runs that each stage is measured with, in so many turns at most, after as many that warm up. */
const RUNS = 5_000;
const TURNS_MAX = 500;
const DEFAULT_BATCHES = [1, 20, 100, 500];
const MANAGER = 'bench';

interface Cost {
  wallMs: number;
  /** µs of CPU. */
  driver: number;
  mongodb: number;
}

/** One turn after the other through all stages, as the scheduler goes through them. */
async function turn(
  store: Store,
  jobs: readonly JobRecord[],
  at: number,
  stage: (name: string, work: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  await stage('load the jobs', () => store.getJobs(jobs.map(({ name }) => name)));
  await stage('look for their active runs', () => store.occupancy(jobs.map(({ uid }) => uid)));
  const runs = jobs.map((job): RunRecord => {
    const createdAt = at + 3;
    const id = createdAt.toString(16).padStart(12, '0') + randomBytes(6).toString('hex');
    const identity = { id, jobUid: job.uid, jobName: job.name, tickKey: tickKey(job, at), slot: activeSlot(job.uid) };
    return runRecord({ ...identity, createdAt, scheduledAt: at, owes: 'run', watchAt: createdAt + 5_000 });
  });
  const ids = runs.map(({ id }) => id);
  await stage('record the runs', () => store.insertRuns(runs));
  await stage('move the jobs on', () =>
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
  await stage('mark them published', () =>
    store.markPublished(ids.map((id) => ({ id, attempt: 1, action: 'run', at: at + 5, watchAt: at + 60_000 }))),
  );
  await stage('load the runs (running)', () => store.getRuns(ids));
  await stage('write running', () =>
    store.updateRuns(
      ids.map((id) => ({
        id,
        rev: 0,
        change: {
          set: { status: 'running', startedAt: at + 8, heartbeatAt: at + 8, watchAt: at + 90_000 },
          unset: [],
        },
      })),
    ),
  );
  await stage('load the runs (completed)', () => store.getRuns(ids));
  await stage('write completed', () =>
    store.updateRuns(
      ids.map((id) => ({
        id,
        rev: 1,
        change: { set: { status: 'completed', endedAt: at + 9 }, unset: ['slot', 'watchAt'] },
      })),
    ),
  );
  await stage('look for waiting runs', () => store.oldestWaiting(jobs.map(({ uid }) => uid)));
}

async function measure(url: string, batch: number): Promise<Map<string, Cost>> {
  const store = await openMongoStore({ connectionString: url, dbName: freshDatabase() });
  await store.migrate();
  const client = await MongoClient.connect(url);
  const begin = Date.now();
  const jobs = Array.from({ length: batch }, (_, index) =>
    jobRecord({ name: `job-${index}`, nextRunAt: begin + index }),
  );
  for (const job of jobs) await store.insertJob(job);
  await store.takeFreeJobs(MANAGER, batch);
  const costs = new Map<string, Cost>();
  const turns = Math.min(TURNS_MAX, Math.ceil(RUNS / batch));
  for (let round = 0; round < 2 * turns; round += 1) {
    await turn(store, jobs, begin + round * 1_000, async (name, work) => {
      const cost = costs.get(name) ?? { wallMs: 0, driver: 0, mongodb: 0 };
      costs.set(name, cost);
      if (round < turns) return void (await work());
      const before = await serverCpuUs(client);
      const cpu = process.cpuUsage();
      const startedAt = performance.now();
      await work();
      cost.wallMs += performance.now() - startedAt;
      const { user, system } = process.cpuUsage(cpu);
      cost.driver += user + system;
      cost.mongodb += (await serverCpuUs(client)) - before;
    });
  }
  await Promise.all([store.close(), client.close()]);
  for (const cost of costs.values()) {
    cost.wallMs /= turns;
    cost.driver /= turns * batch;
    cost.mongodb /= turns * batch;
  }
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
