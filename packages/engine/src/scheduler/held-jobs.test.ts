import fc from 'fast-check';
import type { HeldJob } from '@simple-scheduler/core';
import { expect, it } from 'vitest';
import { HeldJobs, type TakenJob } from './held-jobs.ts';

const holding = (...nextRunAts: readonly number[]): HeldJobs => {
  const held = new HeldJobs();
  for (const nextRunAt of nextRunAts) held.put({ name: `at-${nextRunAt}`, nextRunAt, leaseToken: 1 });
  return held;
};
const times = (jobs: readonly { nextRunAt: number }[]): number[] => jobs.map((job) => job.nextRunAt);

it('gives away the jobs that are due last, and keeps those that are due soon', () => {
  const held = holding(50, 10, 90, 30, 70, 20);
  expect(times(held.latest(2)).toSorted((a, b) => a - b)).toEqual([70, 90]);
  expect(held.latest(0)).toEqual([]);
  expect(times(held.latest(99)).toSorted((a, b) => a - b)).toEqual([10, 20, 30, 50, 70, 90]);
  expect(held.size, 'asking takes nothing away').toBe(6);
});

it('hands out what is due, soonest first and once', () => {
  const held = holding(50, 10, 90, 30);
  expect(held.nextAt()).toBe(10);
  expect(times(held.takeDue(50, 2))).toEqual([10, 30]);
  expect(times(held.takeDue(50, 2))).toEqual([50]);
  expect(held.takeDue(50, 2)).toEqual([]);
  expect(held.nextAt()).toBe(90);
});

it('forgets the earlier time of a job that is put again, or taken out', () => {
  const held = holding(10, 20);
  held.put({ name: 'at-10', nextRunAt: 40, leaseToken: 2 });
  expect(held.nextAt()).toBe(20);
  held.remove('at-20');
  expect(held.nextAt()).toBe(40);
  expect(held.takeDue(40, 9)).toMatchObject([{ name: 'at-10', leaseToken: 2 }]);
  expect(held.size).toBe(1);
});

it('knows that a job which was given back and taken again is no longer the first one’s', () => {
  const held = holding(10);
  const [first] = held.takeDue(10, 1) as [TakenJob];
  expect(held.isTaken(first)).toBe(true);
  held.remove(first.name);
  held.put({ ...first, leaseToken: 2 });
  expect(held.isTaken(first)).toBe(false);
  const [second] = held.takeDue(10, 1) as [TakenJob];
  expect([held.isTaken(first), held.isTaken(second)]).toEqual([false, true]);
});

it('stays in order and small over many changes', () => {
  const held = holding();
  for (let i = 0; i < 20_000; i += 1)
    held.put({ name: `job-${i % 7}`, nextRunAt: (i * 7_919) % 10_007, leaseToken: i });
  const due = held.takeDue(10_007, 99);
  expect(due).toHaveLength(7);
  expect(times(due)).toEqual(times(due).toSorted((a, b) => a - b));
});

it('does what a plain list of jobs would do, whatever is done with it', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
  const at = fc.integer({ min: 0, max: 20 });
  const act = fc.oneof(
    fc.record({ kind: fc.constant('put' as const), name, at, token: fc.nat() }),
    fc.record({ kind: fc.constant('remove' as const), name }),
    fc.record({ kind: fc.constant('take' as const), at, limit: fc.integer({ min: 1, max: 4 }) }),
  );
  const check = fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
    const held = new HeldJobs();
    const plain = new Map<string, HeldJob & { taken: boolean }>();
    const takings: TakenJob[] = [];
    for (const each of acts) {
      if (each.kind === 'put') {
        const job = { name: each.name, nextRunAt: each.at, leaseToken: each.token };
        held.put(job);
        plain.set(each.name, { ...job, taken: false });
      } else if (each.kind === 'remove') {
        held.remove(each.name);
        plain.delete(each.name);
      } else {
        const queued = [...plain.values()].filter((job) => !job.taken && job.nextRunAt <= each.at);
        const expected = times(queued).toSorted((a, b) => a - b);
        const due = held.takeDue(each.at, each.limit);
        expect(times(due)).toEqual(expected.slice(0, each.limit));
        takings.push(...due);
        for (const { taking: _, ...job } of due) plain.set(job.name, { ...job, taken: true });
      }
      const left = times([...plain.values()].filter((job) => !job.taken));
      expect(held.nextAt()).toBe(left.length === 0 ? null : Math.min(...left));
      expect(held.size).toBe(plain.size);
      expect([...held.names()].toSorted()).toEqual([...plain.keys()].toSorted());
      for (const { taken, ...job } of plain.values()) {
        expect(held.get(job.name)).toEqual(job);
        // Of all takings of a job only the last one may still have it.
        const own = takings.filter(({ name }) => name === job.name);
        expect(own.map((each) => held.isTaken(each))).toEqual(own.map((_, i) => taken && i === own.length - 1));
      }
    }
  });
  fc.assert(check, { seed: 7, numRuns: 500 });
});
