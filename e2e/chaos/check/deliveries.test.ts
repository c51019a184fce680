import { expect, test } from 'vitest';
import { checkDeliveries } from './deliveries.ts';
import { sampleReceipt, sampleRun, sampleSkip, START_AT } from './sample.ts';

const fault = { kind: 'kill', what: 'kill scheduler-1', beganAt: START_AT + 100_000, healedAt: START_AT + 105_000 };
const checksOf = (...args: Parameters<typeof checkDeliveries>): string[] =>
  checkDeliveries(...args).violations.map(({ check }) => check);

test('is content with every run received once, and skipped ones never', () => {
  const runs = [sampleRun(0), sampleRun(1), sampleSkip(2, 'overlap')];
  expect(checkDeliveries(runs, [sampleReceipt(0), sampleReceipt(1)], [])).toEqual({
    violations: [],
    figures: { received: 2, duplicates: 0 },
  });
});

test('notices a run that was never received', () => {
  expect(checksOf([sampleRun(0), sampleRun(1)], [sampleReceipt(1)], [])).toEqual(['no run lost']);
  expect(checksOf([sampleRun(0, { status: 'cancelled' })], [], [])).toEqual(['no run lost']);
  expect(checksOf([sampleRun(0)], [sampleReceipt(0, { action: 'cancel' })], [])).toEqual(['no run lost']);
});

test('a run that was cancelled before it was published need not be received', () => {
  const { publishedAt: _p, startedAt: _s, ...run } = sampleRun(0, { status: 'cancelled' });
  expect(checksOf([run], [], [])).toEqual([]);
});

test.each([
  ['of no recorded run', [sampleReceipt(0), sampleReceipt(9)]],
  ['of a skipped one', [sampleReceipt(0), sampleReceipt(1)]],
  ['under another job', [sampleReceipt(0, { job: 'b' })]],
  ['of an attempt that there was not', [sampleReceipt(0), sampleReceipt(0, { attempt: 2 })]],
])('notices an action %s', (_, receipts) => {
  expect(checksOf([sampleRun(0), sampleSkip(1, 'overlap')], receipts, [])).toEqual(['nothing unexpected']);
});

test('counts what came again, and wants a reason for it', () => {
  const [soon, late] = [sampleReceipt(101), sampleReceipt(106)];
  const twice = [soon, { ...late, run: soon.run }];
  expect(checkDeliveries([sampleRun(101)], twice, [fault])).toEqual({
    violations: [],
    figures: { received: 2, duplicates: 1 },
  });
  expect(checksOf([sampleRun(101)], twice, [])).toEqual(['again only for a reason']);
});

test.each([
  ['before the first fault', 50, 60, 1],
  ['begun before it', 50, 101, 0],
  ['in its aftermath', 110, 140, 0],
  ['long after it', 140, 150, 1],
])('a copy received %s', (_, firstAt, againAt, violations) => {
  const receipts = [firstAt, againAt].map((n) => ({ ...sampleReceipt(n), run: sampleRun(firstAt).id }));
  expect(checksOf([sampleRun(firstAt)], receipts, [fault])).toHaveLength(violations);
});

test('another attempt is no copy', () => {
  const run = sampleRun(0, { attempt: 2 });
  expect(checksOf([run], [sampleReceipt(0), sampleReceipt(0, { attempt: 2 })], [])).toEqual([]);
});
