import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isNestedDeeper } from './nesting.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

test('tells how deep any JSON is, whatever its texts hold', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), fc.nat({ max: 8 }), (value, max) => {
      // Longer than any bound by its size alone.
      const text = JSON.stringify([value, '[{"\\'.repeat(20)]);
      expect(isNestedDeeper(bytes(text), max)).toBe(1 + depthOf(value) > max);
    }),
  );
});

test('answers for what is nested deeper than any stack holds', () => {
  const deep = bytes('['.repeat(1_000_000) + ']'.repeat(1_000_000));
  expect(isNestedDeeper(deep, 1_000)).toBe(true);
  expect(isNestedDeeper(deep, 1_000_000)).toBe(false);
});
