import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedCache } from './bounded-cache.ts';
import { tickSource, type TickSource } from './index.ts';

function cron(expression: string, timezone = 'UTC'): TickSource {
  return tickSource({ kind: 'cron', expression, timezone });
}

describe('tickSource', () => {
  it('has no ticks of its own for a once schedule', () => {
    const once = tickSource({ kind: 'once' });
    expect(once.next(0)).toBeNull();
    expect(once.last({ after: 0, at: 9e14 })).toBeNull();
    expect(once.count({ after: 0, at: 9e14 })).toBe(0);
  });

  it('shares the source of equal crons, and only of those', () => {
    expect(cron('7 7 * * *', 'Asia/Tokyo')).toBe(cron('7 7 * * *', 'Asia/Tokyo'));
    expect(cron('7 7 * * *', 'Asia/Tokyo')).not.toBe(cron('7 7 * * *', 'Asia/Seoul'));
  });

  it('throws for what validateCron refuses, every time', () => {
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(() => cron('61 * * * *')).toThrow(RangeError);
      expect(() => cron('* * * * *', 'Mars/Olympus')).toThrow('timezone "Mars/Olympus" is unknown');
      expect(() => cron('0 0 30 2 *')).toThrow('would never fire');
    }
  });

  it('ends at both ends of the years that timestamps can write', () => {
    const secondly = cron('* * * * * *', 'America/New_York');
    const endAt = Date.UTC(9999, 11, 31, 23, 59, 59);
    expect(secondly.next(endAt - 1)).toBe(endAt);
    expect(secondly.next(endAt)).toBeNull();
    expect(secondly.next(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(secondly.next(Number.NaN)).toBeNull();
    expect(secondly.last({ after: Number.NEGATIVE_INFINITY, at: Number.POSITIVE_INFINITY })).toBe(endAt);
    expect(secondly.last({ after: -5000, at: -1 })).toBeNull();
    expect(secondly.count({ after: Number.NEGATIVE_INFINITY, at: -1 })).toBe(0);
  });

  it('counts an every-second cron over centuries without walking', () => {
    const elapsedS = (Date.UTC(2170, 0, 1) - Date.UTC(1970, 0, 1)) / 1000;
    expect(cron('* * * * * *', 'Europe/Berlin').count({ after: 0, at: Date.UTC(2170, 0, 1) })).toBe(elapsedS);
  });
});

describe('next, last and count', () => {
  const expressions = [
    '*/7 * * * *',
    '0 */5 * * *',
    '30 0-3 * * *',
    '15,45 2 1,L * *',
    '*/20 30 1-2 * * 0',
    '0 0 ? * 7L',
  ];
  const zones = [
    'UTC',
    'Europe/Berlin',
    'Australia/Lord_Howe',
    'Africa/Cairo',
    'America/Santiago',
    'Africa/Casablanca',
  ];

  it('tell one story about any range of up to two years', () => {
    const start = Date.UTC(2025, 0, 1);
    const range = fc.tuple(fc.integer({ min: 0, max: 63_072_000_000 }), fc.integer({ min: 0, max: 63_072_000_000 }));
    fc.assert(
      fc.property(fc.constantFrom(...expressions), fc.constantFrom(...zones), range, (expression, zone, [a, b]) => {
        const ticks = cron(expression, zone);
        const [after, at, middle] = [start + Math.min(a, b), start + Math.max(a, b), start + Math.floor((a + b) / 2)];
        const last = ticks.last({ after, at });
        const following = ticks.next(at);
        if (following === null) throw new Error('the expression ended');
        expect(ticks.count({ after, at: middle }) + ticks.count({ after: middle, at })).toBe(
          ticks.count({ after, at }),
        );
        expect(ticks.count({ after: at, at: following })).toBe(1);
        expect(ticks.count({ after: at, at: following - 1 })).toBe(0);
        expect(ticks.last({ after: at, at: following })).toBe(following);
        expect(last === null).toBe(ticks.count({ after, at }) === 0);
        if (last !== null) {
          expect(ticks.next(last - 1)).toBe(last);
          expect(ticks.next(last)).toBe(following);
          expect(ticks.count({ after: last, at })).toBe(0);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('boundedCache', () => {
  it('keeps the entries used last', () => {
    const created: string[] = [];
    const cached = boundedCache(2, (key) => {
      created.push(key);
      return key.length;
    });
    expect(['a', 'b', 'a', 'cc', 'a', 'b'].map(cached)).toEqual([1, 1, 1, 2, 1, 1]);
    expect(created).toEqual(['a', 'b', 'cc', 'b']);
  });
});
