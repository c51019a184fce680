import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const limits = { firstMs: 100, maxMs: 10_000 };

test('doubles up to the cap and stays there', () => {
  const longest = [0, 1, 2, 3, 7, 8, 1_000_000].map((failures) => backoffMs(failures, limits, () => 0.999_999));
  expect(longest).toEqual([100, 200, 400, 800, 10_000, 10_000, 10_000]);
});

test('spreads over the upper half', () => {
  expect(backoffMs(0, limits, () => 0)).toBe(50);
  expect(backoffMs(50, limits, () => 0)).toBe(5_000);
  expect(backoffMs(50, limits, () => 0.5)).toBe(7_500);
});
