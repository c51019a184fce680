import { jobCreateSchema } from '@simple-scheduler/contracts';
import type { JobRecord, RunRecord } from '@simple-scheduler/core';
import { expect, test } from 'vitest';
import { newJob } from '../jobs/create-job.ts';
import type { InsertRunOutcome } from '../ports/index.ts';
import type { Context } from './context.ts';
import { Overlaps } from './overlaps.ts';
import { settleDueTicks } from './settle-due-ticks.ts';

/** Every second; no run may wait for another. */
const job = (name: string): JobRecord => ({
  ...newJob(jobCreateSchema.parse({ name, interval: 1_000, maxQueueCount: 0 }), { uid: `uid-of-${name}`, now: 0 }),
  nextRunAt: 1_000,
});

/** A store in which the runs of `busy` jobs are active. */
function setUp(...busy: readonly string[]) {
  const looks: number[] = [];
  const inserts: RunRecord[][] = [];
  const context = {
    clock: { now: () => 1_000 },
    ids: { runId: () => `run-${inserts.flat().length}` },
    meter: { count: () => {} },
    store: {
      latestTicks: async () => new Map(),
      occupancy: async (uids: readonly string[]) => {
        looks.push(uids.length);
        return new Map(
          uids.filter((uid) => busy.includes(uid)).map((uid) => [uid, { active: 1, slots: [`${uid}:a`] }]),
        );
      },
      insertRuns: async (runs: readonly RunRecord[]) => {
        inserts.push([...runs]);
        return runs.map(
          (run): InsertRunOutcome => (run.slot !== undefined && busy.includes(run.jobUid) ? 'slot_taken' : 'created'),
        );
      },
    },
  } as unknown as Context;
  return { context, looks, inserts };
}

const JOBS = ['a', 'b', 'c'].map(job);

test('a tick whose place is taken is refused by the store, and recorded as left out after a look', async () => {
  const { context, looks, inserts } = setUp('uid-of-b');
  const { started } = await settleDueTicks(context, JOBS, 1_000);
  expect(started.map(({ jobName }) => jobName)).toEqual(['a', 'c']);
  expect(looks).toEqual([1]);
  expect(inserts.map((runs) => runs.map(({ status }) => status))).toEqual([
    ['pending', 'pending', 'pending'],
    ['skipped'],
  ]);
});

test('where ticks have met active runs lately, the places are looked at before', async () => {
  const { context, looks, inserts } = setUp('uid-of-b');
  const overlaps = new Overlaps();
  overlaps.note(500, 250);
  const { started } = await settleDueTicks(context, JOBS, 1_000, overlaps);
  expect(started.map(({ jobName }) => jobName)).toEqual(['a', 'c']);
  expect(looks).toEqual([3]);
  expect(inserts.map((runs) => runs.map(({ status }) => status))).toEqual([['pending', 'skipped', 'pending']]);
});

test('what is met is remembered, refused or looked at', async () => {
  const { context } = setUp('uid-of-a', 'uid-of-b', 'uid-of-c');
  const overlaps = new Overlaps();
  for (let turn = 0; turn < 300; turn++) await settleDueTicks(context, JOBS, 1_000, overlaps);
  expect(overlaps.areLikelyAmong(1)).toBe(true);
});
