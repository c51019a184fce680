import { simulate } from '@simple-scheduler/simulation';
import { expect, it } from 'vitest';

it.each([1, 7, 42, 77])('seed %i gives the same trace twice', async (seed) => {
  const first = await simulate(seed);
  const second = await simulate(seed);
  expect(second).toEqual(first);
  expect(first.steps).toBeGreaterThan(10_000);
});
