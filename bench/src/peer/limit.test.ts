import { expect, test } from 'vitest';
import { isSustainedBy } from './limit.ts';

const latenessMs = { p50: 1, p90: 2, p99: 1_000, max: 5_000 };
const held = { jobs: 10, share: 1 };
const ticks = { expected: 600, missed: 0, doubled: 0, redelivered: 0 };

test('is sustained while nothing is missed or doubled, and p99 is at most 1 s', () => {
  expect(isSustainedBy('bullmq', { latenessMs, ticks }, held)).toBe(true);
  expect(isSustainedBy('bullmq', { latenessMs: { ...latenessMs, p99: 1_001 }, ticks }, held)).toBe(false);
  expect(isSustainedBy('bullmq', { latenessMs, ticks: { ...ticks, missed: 1 } }, held)).toBe(false);
  expect(isSustainedBy('bullmq', { latenessMs, ticks: { ...ticks, doubled: 1 } }, held)).toBe(false);
  expect(isSustainedBy('bullmq', { latenessMs: undefined, ticks }, held)).toBe(false);
});

test('a peer that moves its ticks may be one tick of each job behind', () => {
  expect(isSustainedBy('agenda', { latenessMs, ticks: { ...ticks, missed: 10 } }, held)).toBe(true);
  expect(isSustainedBy('agenda', { latenessMs, ticks: { ...ticks, missed: 11 } }, held)).toBe(false);
});

test('… and in a shorter trial less, in proportion', () => {
  const trial = { jobs: 10, share: 0.2 };
  expect(isSustainedBy('agenda', { latenessMs, ticks: { ...ticks, missed: 2 } }, trial)).toBe(true);
  expect(isSustainedBy('agenda', { latenessMs, ticks: { ...ticks, missed: 3 } }, trial)).toBe(false);
});
