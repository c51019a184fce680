import { expect, it } from 'vitest';
import { HeldJobs } from './held-jobs.ts';

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

it('stays in order and small over many changes', () => {
  const held = holding();
  for (let i = 0; i < 20_000; i += 1)
    held.put({ name: `job-${i % 7}`, nextRunAt: (i * 7_919) % 10_007, leaseToken: i });
  const due = held.takeDue(10_007, 99);
  expect(due).toHaveLength(7);
  expect(times(due)).toEqual(times(due).toSorted((a, b) => a - b));
});
