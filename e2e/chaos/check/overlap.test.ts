import { expect, test } from 'vitest';
import type { RunFact } from './history.ts';
import { checkOverlap } from './overlap.ts';
import { sampleJob, sampleRun, sampleSkip, START_AT } from './sample.ts';

const job = sampleJob(5);
const at = (seconds: number): number => START_AT + seconds * 1_000;
const checksOf = (runs: readonly RunFact[], jobs = [job]): string[] =>
  checkOverlap(jobs, runs).map(({ check }) => check);

test('is content with one run after the other, whatever the order of the list', () => {
  expect(checksOf([sampleRun(2), sampleRun(0), sampleRun(1)])).toEqual([]);
  // The next one may start in the millisecond in which the one before it ends.
  expect(checksOf([sampleRun(0, { endedAt: at(1.02) }), sampleRun(1)])).toEqual([]);
});

test('notices two active runs', () => {
  expect(checksOf([sampleRun(0, { endedAt: at(1.021) }), sampleRun(1)])).toEqual(['one active run']);
  const { endedAt: _, ...endless } = sampleRun(0, { status: 'running' });
  expect(checksOf([endless, sampleRun(1)])).toEqual(['one active run']);
});

test('notices a run within a long one, behind a short one', () => {
  const runs = [sampleRun(0, { endedAt: at(9) }), sampleRun(1), sampleRun(3)];
  expect(checksOf(runs)).toEqual(['one active run', 'one active run']);
});

test('a run is active from its first attempt on', () => {
  const attempts = [{ attempt: 1, startedAt: at(0.1), endedAt: at(3), outcome: 'lost' as const }];
  const retried = sampleRun(0, { attempt: 2, attempts, publishedAt: at(3), startedAt: at(3.1), endedAt: at(4) });
  expect(checksOf([retried, sampleRun(1)])).toEqual(['one active run']);
  expect(checksOf([retried, sampleRun(4)])).toEqual([]);
});

test('notices a younger run that starts before an older one that waits', () => {
  const waited = sampleRun(0, { publishedAt: at(2), startedAt: at(2.1), endedAt: at(2.5) });
  expect(checksOf([waited, sampleRun(1)])).toEqual(['oldest first']);
});

test('lets runs of other jobs, and of jobs with concurrency, overlap', () => {
  const long = sampleRun(0, { endedAt: at(9) });
  expect(checksOf([long, sampleRun(1, { job: 'b' })], [job, sampleJob(5, { name: 'b' })])).toEqual([]);
  expect(checksOf([long, sampleRun(1)], [sampleJob(5, { isConcurrent: true })])).toEqual([]);
});

test('wants a run in the way of one that was skipped', () => {
  expect(checksOf([sampleRun(0, { endedAt: at(1.5) }), sampleSkip(1, 'overlap')])).toEqual([]);
  expect(checksOf([sampleSkip(1, 'overlap')])).toEqual(['overlap']);
  expect(checksOf([sampleRun(0), sampleSkip(60, 'overlap')])).toEqual(['overlap']);
  expect(checksOf([sampleSkip(1, 'misfire')])).toEqual([]);
});

test('a job with concurrency skips nothing for want of a place', () => {
  expect(
    checksOf([sampleRun(0, { endedAt: at(9) }), sampleSkip(1, 'overlap')], [sampleJob(5, { isConcurrent: true })]),
  ).toEqual(['overlap']);
});
