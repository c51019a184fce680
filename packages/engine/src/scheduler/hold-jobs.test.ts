import type { HeldJob } from '@simple-scheduler/core';
import { expect, test } from 'vitest';
import type { Context } from './context.ts';
import { HeldJobs } from './held-jobs.ts';
import { giveBackAll, type Holder, takeJobs } from './hold-jobs.ts';

const JOBS = 5_000;

/** A manager with many jobs, the first names due last; each call of the store takes `callMs`. */
function leaving(callMs: number) {
  const held = new HeldJobs();
  for (let i = 0; i < JOBS; i += 1) held.put({ name: `job-${i}`, nextRunAt: JOBS - i, leaseToken: 1 });
  const clock = { now: 0 };
  const [byName, rest, lines]: [HeldJob[][], number[], string[]] = [[], [], []];
  let announced = 0;
  let left = JOBS;
  const take = (count: number): number => {
    clock.now += callMs;
    const freed = Math.min(count, left);
    left -= freed;
    return freed;
  };
  const context = {
    clock: { now: () => clock.now },
    log: { warn: (_: object, line: string) => void lines.push(line) },
    bus: { announce: async () => void (announced += 1) },
    store: {
      releaseJobs: async (_: string, jobs: HeldJob[]) => {
        byName.push(jobs);
        return take(jobs.length);
      },
      releaseJobsOf: async (_: string[], limit: number) => {
        const freed = take(limit);
        rest.push(freed);
        return freed;
      },
    },
  } as unknown as Context;
  const holder = { managerId: 'me', maxJobs: 0, heartbeatTimeoutMs: 1, held, mayTake: () => false, unsure: false };
  return { context, holder, byName, rest, lines, announced: () => announced, left: () => left };
}

test('gives back what is due soonest first, and tells of each part', async () => {
  const { context, holder, byName, rest, lines, announced, left } = leaving(10);
  await giveBackAll(context, holder, 1_000);
  const ticks = byName.flat().map(({ nextRunAt }) => nextRunAt);
  expect(ticks).toEqual(Array.from({ length: 4_000 }, (_, i) => i + 1));
  expect(rest).toEqual([1_000]);
  expect([left(), announced(), lines]).toEqual([0, 3, []]);
});

test('leaves to custodians what it has no time for', async () => {
  const { context, holder, byName, rest, lines, announced, left } = leaving(600);
  await giveBackAll(context, holder, 1_000);
  expect([byName.length, rest, left(), announced()]).toEqual([2, [], 1_000, 3]);
  expect(lines).toEqual(['left jobs for custodians to free']);
});

test('asks once more for what the store holds for it without its knowledge', async () => {
  const { context, holder, rest, left } = leaving(10);
  holder.held.clear();
  await giveBackAll(context, holder, 1_000);
  expect([rest, left()]).toEqual([[2_000, 2_000, 1_000], 0]);
});

test('tells once that jobs stay free as it may take no more, and again where that comes back', async () => {
  const clock = { now: 0 };
  const lines: string[] = [];
  let free = 1;
  const context = {
    clock: { now: () => clock.now },
    log: { info: () => {}, warn: (_: object, line: string) => void lines.push(line) },
    store: {
      anyFree: async () => free > 0,
      listManagers: async () => ({ managers: [{ id: 'me', heartbeatAt: 0, maxJobs: 1 }], now: clock.now }),
      takeFreeJobs: async () => [],
    },
  } as unknown as Context;
  const held = new HeldJobs();
  held.put({ name: 'a', nextRunAt: 1, leaseToken: 1 });
  const holder: Holder = {
    managerId: 'me',
    maxJobs: 1,
    heartbeatTimeoutMs: 10_000,
    held,
    mayTake: () => true,
    unsure: false,
  };
  const lookAt = async (now: number): Promise<number> => {
    clock.now = now;
    await takeJobs(context, holder);
    return lines.length;
  };
  // Others may take them meanwhile.
  expect([await lookAt(0), await lookAt(9_999)]).toEqual([0, 0]);
  expect([await lookAt(10_000), await lookAt(60_000)]).toEqual([1, 1]);
  free = 0;
  await lookAt(70_000);
  free = 1;
  expect([await lookAt(80_000), await lookAt(90_000)]).toEqual([1, 2]);
});
