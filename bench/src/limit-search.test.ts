import { expect, test } from 'vitest';
import { searchLimit } from './limit-search.ts';

const searchFor = async (limit: number, options: { start: number; bound: number; resolution: number }) => {
  const { tried, ...found } = await searchLimit(options, async (size) => ({ sustained: size <= limit, result: size }));
  return { ...found, sizes: tried.map(({ size }) => size) };
};

test('doubles up to the first size that is not sustained, then closes in', async () => {
  expect(await searchFor(2_600, { start: 1_000, bound: 50_000, resolution: 0.15 })).toEqual({
    size: 2_500,
    isBound: false,
    sizes: [1_000, 2_000, 4_000, 3_000, 2_500, 2_750],
  });
});

test('halves from a start that is too high', async () => {
  const { size, sizes } = await searchFor(90, { start: 1_000, bound: 50_000, resolution: 0.1 });
  expect(sizes.slice(0, 5)).toEqual([1_000, 500, 250, 125, 62]);
  expect(size).toBeLessThanOrEqual(90);
  expect(size).toBeGreaterThan(90 / 1.1 - 1);
});

test.each([1, 2, 3, 7, 99, 1_000, 4_711])('ends within its resolution of %i, and never above', async (limit) => {
  for (const start of [1, 10, 1_000]) {
    const { size, sizes } = await searchFor(limit, { start, bound: 20_000, resolution: 0.05 });
    expect(size).toBeLessThanOrEqual(limit);
    expect(size + Math.max(1, size * 0.05)).toBeGreaterThanOrEqual(limit);
    expect(new Set(sizes).size).toBe(sizes.length);
  }
});

test('stops at its bound', async () => {
  expect(await searchFor(1_000_000, { start: 1_000, bound: 3_000, resolution: 0.1 })).toEqual({
    size: 3_000,
    isBound: true,
    sizes: [1_000, 2_000, 3_000],
  });
});

test('says 0 where nothing is sustained', async () => {
  expect(await searchFor(0, { start: 4, bound: 100, resolution: 0.1 })).toEqual({
    size: 0,
    isBound: false,
    sizes: [4, 2, 1],
  });
});
