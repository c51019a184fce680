import { expect, test } from 'vitest';
import { distribution, rate } from './latency.ts';

test('percentiles are values that occurred, by nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(distribution(values)).toEqual({ p50: 50, p90: 90, p99: 99, max: 100 });
});

test('a few values', () => {
  expect(distribution([3])).toEqual({ p50: 3, p90: 3, p99: 3, max: 3 });
  expect(distribution([1, 2])).toEqual({ p50: 1, p90: 2, p99: 2, max: 2 });
  expect(distribution([0.123_456, 9, 1])).toEqual({ p50: 1, p90: 9, p99: 9, max: 9 });
});

test('one late value in a hundred is not yet the 99th percentile, two are', () => {
  const mostly = (late: number) => Array.from({ length: 100 }, (_, index) => (index < late ? 1_000 : 1));
  expect(distribution(mostly(1))?.p99).toBe(1);
  expect(distribution(mostly(2))?.p99).toBe(1_000);
});

test('no values have no distribution', () => {
  expect(distribution([])).toBeUndefined();
});

test('the values are left as they were', () => {
  const values = [3, 1, 2];
  distribution(values);
  expect(values).toEqual([3, 1, 2]);
});

test('rates are per second', () => {
  expect(rate(500, 250)).toBe(2_000);
});
