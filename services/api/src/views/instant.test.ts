import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instant } from './instant.ts';

/** All that a `Date` can have, before 1970 and after 9999 too. */
const FARTHEST_MS = 8.64e15;

test('an instant is what Date makes of it, whatever day it is of', () => {
  const anywhere = fc.integer({ min: -FARTHEST_MS, max: FARTHEST_MS });
  const lately = fc.integer({ min: Date.parse('2026-01-01T00:00:00Z'), max: Date.parse('2026-01-03T00:00:00Z') });
  fc.assert(
    fc.property(fc.oneof(anywhere, lately), (at) => {
      expect(instant(at)).toBe(new Date(at).toISOString());
    }),
    { numRuns: 5_000 },
  );
});

test.each([FARTHEST_MS - 1, FARTHEST_MS, -FARTHEST_MS, 86_400_000 - 1, -1, 0])('%d is one', (at) => {
  expect(instant(at)).toBe(new Date(at).toISOString());
});

test('no number is no instant', () => {
  expect(() => instant(Number.NaN)).toThrow(RangeError);
});
