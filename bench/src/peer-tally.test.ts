import { expect, test } from 'vitest';
import { tallyOf } from './peer-tally.ts';

const window = { expected: 3, from: 1_000, to: 2_000 };
const execution = (name: string, dueAt: number, receivedAt = dueAt + 4) => ({ name, dueAt, receivedAt });

test('counts what was due in the window, each once', () => {
  const executions = [execution('a', 1_000), execution('b', 1_500), execution('c', 1_999), execution('a', 2_000)];
  expect(tallyOf(executions, window)).toEqual({
    lateness: [4, 4, 4],
    ticks: { expected: 3, missed: 0, doubled: 0, redelivered: 0 },
    receivedInWindow: 2,
  });
});

test('tells missed from doubled ones', () => {
  const { ticks, lateness } = tallyOf([execution('a', 1_000), execution('a', 1_000, 1_900)], window);
  expect(ticks).toMatchObject({ missed: 2, doubled: 1 });
  expect(lateness).toEqual([4]);
});

test('more ticks than expected are none missed', () => {
  const executions = [1, 2, 3, 4].map((index) => execution('a', 1_000 + index * 200));
  expect(tallyOf(executions, window).ticks).toMatchObject({ missed: 0, doubled: 0 });
});
