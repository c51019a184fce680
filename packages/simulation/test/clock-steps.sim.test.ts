// Somebody sets the clock of the whole installation: of its processes and of its database.
import { jobCreateSchema, type JobCreate } from '@simple-scheduler/contracts';
import type { RunRecord } from '@simple-scheduler/core';
import { createJob } from '@simple-scheduler/engine';
import { expect, it } from 'vitest';
import { Cluster } from '../src/run/cluster.ts';
import { MemoryDatabase } from '../src/store/memory-database.ts';
import { openMemoryStore } from '../src/store/memory-store.ts';
import { NO_FAULTS } from '../src/world/faults.ts';
import { World } from '../src/world/world.ts';

const START = Date.UTC(2026, 5, 1, 12);
const HOUR_MS = 3_600_000;
const SECOND_MS = 1_000;
/** Whole seconds have a tick each; the step comes between two. */
const STEP_AT = START + 30_500;

interface Installation {
  readonly ticks: () => RunRecord[];
  /** Lets time pass, by no clock. */
  readonly pass: (ms: number) => Promise<void>;
  readonly step: (ms: number) => void;
}

/** Two schedulers with one job that is due every second; `pass` has taken it to the moment of the step. */
async function installation(job: Partial<JobCreate>): Promise<Installation> {
  const world = new World(START);
  let offsetMs = 0;
  const errors: string[] = [];
  const db = new MemoryDatabase(() => world.now + offsetMs);
  const cluster = new Cluster({
    world,
    seed: 1,
    store: openMemoryStore(db),
    faults: () => NO_FAULTS,
    onError: (process, error) => void errors.push(`${process}: ${String(error)}`),
    tell: () => {},
  });
  cluster.addScheduler();
  cluster.addScheduler();
  cluster.addCustodian();
  cluster.addWorker();
  const api = cluster.api();
  const input = { name: 'each-second', interval: SECOND_MS, allowConcurrentRuns: true, retentionCount: 0, ...job };
  const created = createJob(api, jobCreateSchema.parse(input));
  let until = STEP_AT;
  await world.run(until);
  await created;
  return {
    ticks: () => {
      expect(errors).toEqual([]);
      const runs = [...db.runs.all()].filter(({ trigger }) => trigger === 'schedule' || trigger === 'misfire');
      return runs.sort((a, b) => a.scheduledAt - b.scheduledAt);
    },
    pass: async (ms) => {
      until += ms;
      await world.run(until);
    },
    step: (ms) => {
      offsetMs += ms;
      const processes = [...cluster.schedulers.map(({ process }) => process), ...cluster.custodians];
      for (const process of processes) process.clockOffsetMs = offsetMs;
    },
  };
}

it('fires no tick again when the clock is set back, and goes on where it was', async () => {
  const { ticks, pass, step } = await installation({});
  const before = ticks().map(({ scheduledAt }) => scheduledAt);
  expect(before.length).toBeGreaterThanOrEqual(29);
  step(-20 * SECOND_MS);
  await pass(19 * SECOND_MS);
  expect(ticks().map(({ scheduledAt }) => scheduledAt)).toEqual(before);
  await pass(31 * SECOND_MS);
  const after = ticks();
  expect(after.length).toBeGreaterThan(before.length + 25);
  const times = after.map(({ scheduledAt }) => scheduledAt);
  expect(new Set(times).size).toBe(times.length);
  expect(times.every((at, i) => i === 0 || at === (times[i - 1] as number) + SECOND_MS)).toBe(true);
  expect(after.every(({ trigger, status }) => trigger === 'schedule' && status !== 'skipped')).toBe(true);
});

it.each([
  { misfirePolicy: 'fire_once', made: 1 },
  { misfirePolicy: 'skip', made: 0 },
  { misfirePolicy: 'fire_all', misfireLimit: 7, made: 7 },
] as const)('follows $misfirePolicy when the clock is set forward by an hour', async ({ made, ...policy }) => {
  const graceMs = 10 * SECOND_MS;
  const { ticks, pass, step } = await installation({ ...policy, misfireGrace: graceMs });
  step(HOUR_MS);
  await pass(40 * SECOND_MS);
  const leapt = ticks().filter(({ scheduledAt }) => scheduledAt > STEP_AT && scheduledAt < STEP_AT + HOUR_MS);
  expect(leapt.filter(({ trigger }) => trigger === 'misfire')).toHaveLength(made);
  expect(leapt.reduce((sum, run) => sum + (run.spanCount ?? 1), 0)).toBe(HOUR_MS / SECOND_MS);
  // Then on schedule: everything younger than the grace has run.
  const later = ticks().filter(({ scheduledAt }) => scheduledAt >= STEP_AT + HOUR_MS);
  expect(later.length).toBeGreaterThan(30);
  expect(later.every(({ trigger, status }) => trigger === 'schedule' && status !== 'skipped')).toBe(true);
});
