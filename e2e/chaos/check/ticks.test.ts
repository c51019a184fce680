import { expect, test } from 'vitest';
import type { RunFact } from './history.ts';
import { sampleJob, sampleRun, sampleSkip, START_AT } from './sample.ts';
import { checkTicks } from './ticks.ts';

const job = sampleJob(5);
const runs = (): RunFact[] => [0, 1, 2, 3, 4].map((n) => sampleRun(n));
const problems = (records: readonly RunFact[], jobs = [job]): string =>
  checkTicks(jobs, records)
    .violations.map(({ what }) => what)
    .join('; ');

test('is content with one record for each tick, and counts them', () => {
  expect(checkTicks([job], runs())).toEqual({ violations: [], figures: { due: 5, runs: 5, skipped: 0 } });
});

test('a row of skipped ticks counts for each of them', () => {
  const row = sampleSkip(1, 'misfire', { span: { to: START_AT + 3_000, count: 3 } });
  expect(checkTicks([job], [sampleRun(0), row, sampleRun(4)])).toEqual({
    violations: [],
    figures: { due: 5, runs: 2, skipped: 3 },
  });
});

test.each([0, 2, 4])('misses tick %i', (n) => {
  expect(problems(runs().toSpliced(n, 1))).toMatch(`1 ticks have no record: 2026-01-01T00:00:0${n}.000Z`);
});

test.each([
  ['twice', [...runs(), sampleRun(2, { id: 'f'.repeat(24) })], /2 records/],
  [
    'both alone and in a row',
    [...runs(), sampleSkip(3, 'misfire', { span: { to: START_AT + 4_000, count: 2 } })],
    /2 records/,
  ],
  [
    'in a row that counts wrongly',
    [sampleRun(0), sampleSkip(1, 'misfire', { span: { to: START_AT + 4_000, count: 3 } })],
    /counts 3/,
  ],
  ['off the grid', [...runs(), sampleRun(2, { scheduledAt: START_AT + 2_001 })], /not on the grid/],
  ['before the first', [...runs(), sampleRun(-1)], /not on the grid/],
  ['long after the pause', [...runs(), sampleRun(5), sampleRun(6)], /paused before/],
  ['of a job that nobody made', [...runs(), sampleRun(0, { job: 'b' })], /nobody created/],
])('notices a tick recorded %s', (_, records, message) => {
  expect(problems(records)).toMatch(message);
});

test('a tick that came with the pause may be recorded', () => {
  const late = { ...job.schedule!, pauseAnsweredAt: START_AT + 5_010 };
  expect(problems([...runs(), sampleRun(5)], [{ ...job, schedule: late }])).toBe('');
});

test.each([
  ['leaves a due tick behind', { nextAt: START_AT + 4_000 }, runs().slice(0, 4), /unsettled/],
  [
    'runs ahead',
    { nextAt: START_AT + 8_000 },
    [...runs(), sampleRun(5), sampleRun(6), sampleRun(7)],
    /leaves ticks out/,
  ],
])('notices a pause that %s', (_, fields, records, message) => {
  expect(problems(records, [{ ...job, schedule: { ...job.schedule!, ...fields } }])).toMatch(message);
});

test('a job without a schedule has no ticks', () => {
  const { schedule: _, ...asked } = job;
  expect(problems([sampleRun(0, { trigger: 'manual' })], [asked])).toBe('');
  expect(problems([sampleRun(0)], [asked])).toMatch(/has no schedule/);
});
