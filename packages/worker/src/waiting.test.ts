import { expect, test } from 'vitest';
import { settlesWithin } from './waiting.ts';

test('waits for work without an end to its patience', async () => {
  const work = Promise.withResolvers<void>();
  const waited = settlesWithin(work.promise, Number.POSITIVE_INFINITY);
  // A timer of Node that is too long goes off after a millisecond, so before one that is set later and for longer.
  setTimeout(() => work.resolve(), 5);
  expect(await waited).toBe(true);
});

test('says so where the work is not done in time, and takes a failure for an end', async () => {
  expect(await settlesWithin(new Promise(() => {}), 1)).toBe(false);
  expect(await settlesWithin(Promise.reject(new Error('no')), 60_000)).toBe(true);
});
