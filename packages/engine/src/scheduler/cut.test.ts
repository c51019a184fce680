import { CUT_MARK, cutToJsonBytes, jsonBytes, LIMITS } from '@simple-scheduler/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutOutput } from './cut.ts';

it.each([
  ['of one byte each', 'x', 1],
  ['of four bytes each', '😀', 4],
  ['that JSON escapes', '\u0001', 6],
])('an output past the limit is cut to it, not to half of it: characters %s', (_title, character, bytes) => {
  const cut = cutOutput(character.repeat(LIMITS.outputBytes));
  expect(cut).toMatch(/… \[cut\]$/);
  expect(jsonBytes(cut)).toBeLessThanOrEqual(LIMITS.outputBytes);
  expect(jsonBytes(cut)).toBeGreaterThan(LIMITS.outputBytes - bytes);
});

it('an output that fits is kept, and a structure that does not becomes its text', () => {
  const fits = 'x'.repeat(LIMITS.outputBytes - 2);
  expect(cutOutput(fits)).toBe(fits);
  expect(cutOutput({ lines: [fits] })).toMatch(/^\{"lines":\["x+… \[cut\]$/);
});

const characters = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\n', '\u0001', 'ü', '€', '😀', 'x', '\u007f', '\u2028'),
    maxLength: 80,
  }),
  // Also halves of characters, in any order.
  fc.array(fc.constantFrom(0xd83d, 0xde00, 0x78), { maxLength: 80 }).map((units) => String.fromCharCode(...units)),
);

it('what is cut is as long as it can be, in whole characters', () => {
  fc.assert(
    fc.property(characters, fc.integer({ min: 12, max: 200 }), (text, maxBytes) => {
      const cut = cutToJsonBytes(text, maxBytes);
      expect(jsonBytes(cut)).toBeLessThanOrEqual(maxBytes);
      if (jsonBytes(text) <= maxBytes) {
        expect(cut).toBe(text);
        return;
      }
      const kept = cut.slice(0, -CUT_MARK.length);
      expect(cut).toBe(kept + CUT_MARK);
      expect(text.startsWith(kept)).toBe(true);
      const [next = ''] = text.slice(kept.length);
      expect(jsonBytes(kept + next + CUT_MARK)).toBeGreaterThan(maxBytes);
      // Iteration goes by whole characters: a pair that was parted would not be two of them again.
      expect([...kept, ...text.slice(kept.length)]).toEqual([...text]);
    }),
    { numRuns: 2_000 },
  );
});
