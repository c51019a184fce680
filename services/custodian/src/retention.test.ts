import { jobCreateSchema, type JobCreate } from '@simple-scheduler/contracts';
import { type JobRecord, newRun, type RunRecord, tickKey } from '@simple-scheduler/core';
import {
  createRunPruner,
  newJob,
  type RetentionSettings,
  type RunPruner,
  type Store,
  StoreUnavailableError,
} from '@simple-scheduler/engine';
import { createReadiness, createSystemIds, systemClock, systemRandom } from '@simple-scheduler/runtime';
import { openSqliteStore } from '@simple-scheduler/store-sqlite';
import { waitFor } from '@simple-scheduler/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildCustodian } from './app.ts';

const T0 = Date.parse('2026-03-01T08:00:00.000Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

let store: Store;
let databaseNow = T0;
let pruned = 0;
const ids = createSystemIds();
const meter = { count: (_name: string, by = 1) => void (pruned += by), gauge: () => {}, observe: () => {} };

beforeEach(async () => {
  databaseNow = T0;
  pruned = 0;
  store = await openSqliteStore({ path: ':memory:', now: () => databaseNow });
  await store.migrate();
});
afterEach(() => store.close());

async function addJob(fields: Partial<JobCreate> = {}): Promise<JobRecord> {
  const input = { name: `job-${ids.uid()}`, interval: SECOND, ...fields };
  const job = newJob(jobCreateSchema.parse(input), { uid: ids.uid(), now: T0 });
  await store.insertJob(job);
  return job;
}

/** Completed runs of the job's first ticks, past which it has moved. */
async function addRuns(job: JobRecord, count: number): Promise<RunRecord[]> {
  const runs = Array.from({ length: count }, (_, n): RunRecord => {
    const at = T0 + (n + 1) * SECOND;
    const request = { id: ids.runId(at), now: at, trigger: 'schedule', scheduledAt: at, tickKey: tickKey(job, at) };
    const { owes: _owes, watchAt: _watch, ...run } = newRun(job, request as never, { kind: 'start' });
    return { ...run, status: 'completed', endedAt: at + 1 };
  });
  await store.insertRuns(runs);
  const { name, uid, revision, nextRunAt } = job;
  const moved = { nextRunAt: T0 + (count + 1) * SECOND };
  await store.editJob({ name, guard: { uid, revision, nextRunAt }, set: moved, unset: [], free: false });
  return runs;
}

const pruner = (settings: Partial<RetentionSettings> = {}): RunPruner =>
  createRunPruner({ store, log: quiet, meter }, { retentionCount: 0, retentionAgeMs: 0, ...settings });

/** Numbers of the ticks, counted from 1, that still have their run. */
async function left(runs: readonly RunRecord[]): Promise<number[]> {
  const found = await store.getRuns(runs.map(({ id }) => id));
  return found.map((run) => (run.scheduledAt - T0) / SECOND).toSorted((a, b) => a - b);
}

describe('retention', () => {
  it('keeps the newest runs of each job, as many as the job says, else the settings', async () => {
    const plain = await addRuns(await addJob(), 8);
    const own = await addRuns(await addJob({ retentionCount: 2 }), 8);
    const unbounded = await addRuns(await addJob({ retentionCount: 0 }), 8);
    databaseNow = T0 + 5 * MINUTE;
    expect(await pruner({ retentionCount: 5 }).turn()).toEqual({ removed: 9, more: false });
    expect(await left(plain)).toEqual([4, 5, 6, 7, 8]);
    expect(await left(own)).toEqual([7, 8]);
    expect(await left(unbounded)).toHaveLength(8);
    expect(pruned).toBe(9);
  });

  it('keeps runs for as long as the job says, else the settings, and always the last one', async () => {
    const plain = await addRuns(await addJob(), 8);
    const own = await addRuns(await addJob({ retentionAge: 2 * MINUTE }), 8);
    const unbounded = await addRuns(await addJob({ retentionAge: 0 }), 8);
    databaseNow = T0 + 10 * MINUTE + 4 * SECOND;
    await pruner({ retentionAgeMs: 10 * MINUTE }).turn();
    expect(await left(plain)).toEqual([4, 5, 6, 7, 8]);
    expect(await left(own)).toEqual([8]);
    expect(await left(unbounded)).toHaveLength(8);
  });

  it('does nothing where nothing is bounded', async () => {
    const runs = await addRuns(await addJob(), 8);
    databaseNow = T0 + 365 * 24 * 60 * MINUTE;
    expect(await pruner().turn()).toEqual({ removed: 0, more: false });
    expect(await left(runs)).toHaveLength(8);
  });

  it('leaves what ended within the last minute, whatever the bounds', async () => {
    const runs = await addRuns(await addJob(), 8);
    databaseNow = T0 + MINUTE + 3 * SECOND + 1;
    await pruner({ retentionCount: 1, retentionAgeMs: 1 }).turn();
    expect(await left(runs)).toEqual([3, 4, 5, 6, 7, 8]);
  });

  it('leaves ticks that the job has not moved past', async () => {
    const job = await addJob();
    const runs = await addRuns(job, 8);
    const moved = await store.getJob(job.name);
    const guard = { uid: job.uid, revision: moved?.revision ?? 0, nextRunAt: moved?.nextRunAt };
    await store.editJob({ name: job.name, guard, set: { nextRunAt: T0 + 5 * SECOND }, unset: [], free: false });
    databaseNow = T0 + 5 * MINUTE;
    await pruner({ retentionCount: 1 }).turn();
    expect(await left(runs)).toEqual([5, 6, 7, 8]);
  });

  it('takes the runs of deleted jobs by their age alone, all of them', async () => {
    const job = await addJob({ name: 'phoenix', retentionCount: 1 });
    const runs = await addRuns(job, 8);
    await store.deleteJob({ ...job, revision: 2 });
    const later = await addRuns(await addJob({ name: 'phoenix' }), 3);
    databaseNow = T0 + 5 * MINUTE;
    await pruner({ retentionCount: 1 }).turn();
    expect(await left(runs)).toHaveLength(8);
    expect(await left(later)).toEqual([3]);
    await pruner({ retentionAgeMs: 6 * MINUTE }).turn();
    expect(await left(runs)).toHaveLength(8);
    await pruner({ retentionAgeMs: 4 * MINUTE }).turn();
    expect(await left(runs)).toEqual([]);
    expect(await left(later)).toEqual([3]);
  });

  it('reaches every job, deleted ones too, in turns of a bounded size', async () => {
    const jobs = await Promise.all(Array.from({ length: 230 }, () => addJob({ retentionCount: 1 })));
    const runs: RunRecord[] = [];
    for (const job of jobs) runs.push(...(await addRuns(job, 4)));
    for (const job of jobs.slice(0, 30)) await store.deleteJob({ ...job, revision: 2 });
    databaseNow = T0 + 5 * MINUTE;
    const turns = pruner({ retentionAgeMs: 4 * MINUTE });
    const removed: number[] = [];
    while (removed.reduce((sum, n) => sum + n, 0) < 200 * 3 + 30 * 4) {
      const turn = await turns.turn();
      removed.push(turn.removed);
      expect(turn.removed).toBeLessThanOrEqual(500);
      // Each job is met within a few turns: 100 of those that exist, 20 of those that have runs.
      expect(removed.length).toBeLessThan(15);
    }
    expect((await store.getRuns(runs.map(({ id }) => id))).length).toBe(200);
    expect(await turns.turn()).toEqual({ removed: 0, more: false });
  });

  it('passes over jobs whose runs cannot be removed, and comes back to them', async () => {
    const jobs = await Promise.all(Array.from({ length: 110 }, () => addJob({ retentionCount: 1 })));
    const runs: RunRecord[] = [];
    for (const job of jobs) runs.push(...(await addRuns(job, 2)));
    databaseNow = T0 + 5 * MINUTE;
    const first = jobs.map(({ name }) => name).toSorted()[0];
    let fails = true;
    // As where one job has so many live runs that the database looks through them for too long.
    const through: Store = {
      ...store,
      pruneRuns: (prunings, limit) =>
        fails && prunings.some(({ jobName }) => jobName === first)
          ? Promise.reject(new StoreUnavailableError('no answer in time'))
          : store.pruneRuns(prunings, limit),
    };
    const settings = { retentionCount: 0, retentionAgeMs: 0 };
    const turns = createRunPruner({ store: through, log: quiet, meter }, settings);
    await expect(turns.turn()).rejects.toThrow(StoreUnavailableError);
    expect(await turns.turn()).toEqual({ removed: 10, more: false });
    await expect(turns.turn()).rejects.toThrow(StoreUnavailableError);
    fails = false;
    await turns.turn();
    expect(await turns.turn()).toEqual({ removed: 100, more: false });
  });

  it('goes on at once where one turn is not enough, and ends', async () => {
    const runs = await addRuns(await addJob({ retentionCount: 100 }), 900);
    const [first] = [await addRuns(await addJob({ retentionCount: 1 }), 700)];
    databaseNow = T0 + 60 * MINUTE;
    const turns = pruner();
    const removed: number[] = [];
    for (let more = true; more; ) {
      const turn = await turns.turn();
      removed.push(turn.removed);
      ({ more } = turn);
    }
    expect(removed).toEqual([500, 500, 499]);
    expect(await left(runs)).toHaveLength(100);
    expect(await left(first)).toEqual([700]);
  });
});

describe('a custodian', () => {
  const build = (through: Store): { custodian: ReturnType<typeof buildCustodian>; ready: () => Promise<boolean> } => {
    const readiness = createReadiness();
    const settings = { heartbeatTimeoutMs: MINUTE, cleanupIntervalMs: 10, retentionCount: 1, retentionAgeMs: 0 };
    const deps = { store: through, clock: systemClock, random: systemRandom, log: quiet, meter, readiness };
    return { custodian: buildCustodian({ settings, ...deps }), ready: async () => (await readiness.report()).ready };
  };

  it('removes old runs again and again', async () => {
    const runs = await addRuns(await addJob(), 1_200);
    databaseNow = T0 + 60 * MINUTE;
    const { custodian } = build(store);
    custodian.start();
    await waitFor(async () => (await left(runs)).length === 1);
    const more = await addRuns(await addJob(), 5);
    await waitFor(async () => (await left(more)).length === 1);
    await custodian.stop();
  });

  it('frees the jobs of dead schedulers whether or not it can remove runs', async () => {
    const stuck: Store = { ...store, pruneRuns: () => new Promise(() => {}) };
    const failing: Store = { ...store, pruneRuns: () => Promise.reject(new Error('no right to remove')) };
    for (const through of [stuck, failing]) {
      await addJob();
      const id = ids.uid();
      await store.renewManager({ id, startedAt: T0, maxJobs: 0 });
      await store.takeFreeJobs(id, 5);
      databaseNow += 2 * MINUTE;
      const { custodian, ready } = build(through);
      custodian.start();
      await waitFor(async () => (await store.countTakeable()).free > 0);
      expect(await ready()).toBe(true);
      // Stopping waits for what is running, which here never ends.
      if (through === failing) await custodian.stop();
      else void custodian.stop();
    }
  });
});
