import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedTicks } from './bounded-ticks.ts';
import { tickSource } from './tick-source.ts';

const every10 = tickSource({ kind: 'interval', intervalMs: 10, anchorAt: 3 });

describe('boundedTicks', () => {
  it('has ticks from startAt to endAt, both included', () => {
    const source = boundedTicks(every10, { startAt: 13, endAt: 33 });
    expect([source.next(0), source.next(13), source.next(32), source.next(33)]).toEqual([13, 23, 33, null]);
    expect(source.count({ after: 0, at: 1_000 })).toBe(3);
    expect(source.last({ after: 0, at: 1_000 })).toBe(33);
    expect(source.last({ after: 0, at: 12 })).toBeNull();
  });

  it('agrees with filtering the ticks one by one', () => {
    const bound = fc.option(fc.nat(200), { nil: undefined });
    fc.assert(
      fc.property(bound, bound, fc.nat(200), fc.nat(200), (startAt, endAt, after, at) => {
        const source = boundedTicks(every10, { startAt, endAt });
        const inside = Array.from({ length: 30 }, (_, k) => 3 + 10 * k).filter(
          (tick) =>
            tick > after && (startAt === undefined || tick >= startAt) && (endAt === undefined || tick <= endAt),
        );
        expect(source.next(after)).toBe(inside[0] ?? null);
        const upTo = inside.filter((tick) => tick <= at);
        expect(source.count({ after, at })).toBe(upTo.length);
        expect(source.last({ after, at })).toBe(upTo.at(-1) ?? null);
      }),
    );
  });
});
