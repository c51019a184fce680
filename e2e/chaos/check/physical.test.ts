import { expect, test } from 'vitest';
import { physicalOverlaps } from './physical.ts';
import { sampleJob, sampleReceipt, sampleSayings, START_AT } from './sample.ts';

const said = (n: number, afterMs: number) =>
  sampleSayings(n).map((saying) => ({ ...saying, at: START_AT + n * 1_000 + afterMs }));

test('counts work on an exclusive job that began before other work on it had ended', () => {
  const receipts = [0, 1, 2].map((n) => sampleReceipt(n));
  expect(physicalOverlaps([sampleJob(5)], receipts, [...said(0, 500), ...said(1, 900), ...said(2, 500)])).toBe(0);
  expect(physicalOverlaps([sampleJob(5)], receipts, [...said(0, 2_500), ...said(1, 900), ...said(2, 500)])).toBe(2);
  expect(physicalOverlaps([sampleJob(5, { isConcurrent: true })], receipts, said(0, 2_500))).toBe(0);
});

test('leaves out what never ended', () => {
  expect(physicalOverlaps([sampleJob(5)], [sampleReceipt(0), sampleReceipt(1)], said(1, 500))).toBe(0);
});
