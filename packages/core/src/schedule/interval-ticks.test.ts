import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tickSource } from './index.ts';

function interval(intervalMs: number, anchorAt: number): ReturnType<typeof tickSource> {
  return tickSource({ kind: 'interval', intervalMs, anchorAt });
}

describe('interval ticks', () => {
  it('lie on the grid on both sides of the anchor', () => {
    const ticks = interval(1000, 5_300);
    expect(ticks.next(5_299)).toBe(5_300);
    expect(ticks.next(5_300)).toBe(6_300);
    expect(ticks.next(0)).toBe(300);
    expect(ticks.next(-701)).toBe(-700);
  });

  it('give the last tick of a range only when it lies inside', () => {
    const ticks = interval(1000, 300);
    expect(ticks.last({ after: 0, at: 5_299 })).toBe(4_300);
    expect(ticks.last({ after: 4_300, at: 5_299 })).toBeNull();
    expect(ticks.last({ after: 4_299, at: 4_300 })).toBe(4_300);
    expect(ticks.last({ after: 9_000, at: 5_000 })).toBeNull();
  });

  it('count exactly over the whole range of dates', () => {
    const ticks = interval(3, 1);
    expect(ticks.count({ after: 0, at: 8_640_000_000_000_000 })).toBe(2_880_000_000_000_000);
    expect(ticks.count({ after: 10, at: 10 })).toBe(0);
    expect(ticks.count({ after: 10, at: 0 })).toBe(0);
  });

  it('end with the last instant a date can hold', () => {
    expect(interval(10, 0).next(8_640_000_000_000_000 - 1)).toBe(8_640_000_000_000_000);
    expect(interval(10, 0).next(8_640_000_000_000_000)).toBeNull();
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuse the interval %s', (intervalMs) => {
    expect(() => interval(intervalMs, 0)).toThrow(/interval .* is not a positive whole number/);
  });

  it.each([0.5, Number.NaN, 9e15])('refuse the anchor %s', (anchorAt) => {
    expect(() => interval(1000, anchorAt)).toThrow(/anchor .* is not an instant/);
  });

  it('agree with a walk over the grid', () => {
    const small = fc.integer({ min: -300, max: 300 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), small, small, small, (intervalMs, anchorAt, after, at) => {
        const grid = Array.from({ length: 2401 }, (_, k) => anchorAt + (k - 1200) * intervalMs);
        const inRange = grid.filter((tick) => tick > after && tick <= at);
        const ticks = interval(intervalMs, anchorAt);
        expect(ticks.next(after)).toBe(grid.find((tick) => tick > after));
        expect(ticks.count({ after, at })).toBe(inRange.length);
        expect(ticks.last({ after, at })).toBe(inRange.at(-1) ?? null);
      }),
    );
  });
});
