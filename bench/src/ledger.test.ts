import { expect, test } from 'vitest';
import { countTicks, latenessOf, longestSilence } from './ledger.ts';
import type { Receipt } from './worker/protocol.ts';

const receipt = (jobName: string, tickAt: number, runId: string, receivedAt = tickAt + 5): Receipt => ({
  jobName,
  runId,
  tickAt,
  receivedAt,
  attempt: 1,
});
const window = { expected: 4, from: 1_000, to: 3_000 };
const all = [
  receipt('a', 1_000, 'r1'),
  receipt('b', 1_500, 'r2'),
  receipt('a', 2_000, 'r3'),
  receipt('b', 2_500, 'r4'),
];

test('nothing is amiss where each tick came once', () => {
  expect(countTicks(all, window)).toEqual({ expected: 4, missed: 0, doubled: 0, redelivered: 0 });
});

test('a tick that never came is missed', () => {
  expect(countTicks(all.slice(1), window)).toMatchObject({ missed: 1, doubled: 0 });
});

test('a tick that came as two runs is doubled, and hides no missed one', () => {
  expect(countTicks([...all.slice(1), receipt('b', 1_500, 'r9')], window)).toMatchObject({ missed: 1, doubled: 1 });
});

test('a run that came twice is redelivered, not doubled', () => {
  expect(countTicks([...all, receipt('a', 1_000, 'r1', 1_900)], window)).toMatchObject({ doubled: 0, redelivered: 1 });
});

test('two jobs may share a moment', () => {
  expect(countTicks([receipt('a', 1_000, 'r1'), receipt('b', 1_000, 'r2')], { ...window, expected: 2 })).toMatchObject({
    missed: 0,
    doubled: 0,
  });
});

test('ticks outside the window do not count', () => {
  const outside = [receipt('a', 999, 'r0'), receipt('a', 3_000, 'r5')];
  expect(countTicks([...all, ...outside], window)).toEqual(countTicks(all, window));
  expect(latenessOf([...all, ...outside], window)).toHaveLength(4);
});

test('lateness is that of the first receipt of a run', () => {
  expect(latenessOf([...all, receipt('a', 1_000, 'r1', 9_000)], window)).toEqual([5, 5, 5, 5]);
});

test('the longest silence is that of one job, up to the end of the window', () => {
  expect(longestSilence(all, window)).toBe(1_000);
  expect(longestSilence(all.slice(0, 3), { from: 1_000, to: 3_000 })).toBe(1_495);
  expect(longestSilence([], window)).toBe(0);
});
