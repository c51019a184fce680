import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chanceOf } from './chance.ts';
import { retryDelayMs } from './retry-delay.ts';

describe('retryDelayMs', () => {
  it('is the delay itself when fixed', () => {
    expect(retryDelayMs({ backoff: 'fixed', delayMs: 500, maxDelayMs: 60_000 }, 7, 0.3)).toBe(500);
  });

  it('doubles its range with each failure, up to the bound', () => {
    const policy = { backoff: 'exponential', delayMs: 1_000, maxDelayMs: 10_000 } as const;
    expect([1, 2, 3, 4, 5, 100].map((failures) => retryDelayMs(policy, failures, 0.5))).toEqual([
      500, 1_000, 2_000, 4_000, 5_000, 5_000,
    ]);
  });

  it('stays within its range', () => {
    const policies = fc.record({
      backoff: fc.constantFrom('fixed' as const, 'exponential' as const),
      delayMs: fc.nat(1e9),
      maxDelayMs: fc.nat(1e11),
    });
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 10_000 }), fc.string(), (policy, failures, text) => {
        const delay = retryDelayMs(policy, failures, chanceOf(text));
        expect(Number.isSafeInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(policy.maxDelayMs);
      }),
    );
  });
});

describe('chanceOf', () => {
  it('is the same for the same text and spreads near ones evenly', () => {
    expect(chanceOf('a:1')).toBe(chanceOf('a:1'));
    const bins = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 10_000; i += 1) bins[Math.floor(chanceOf(`job:${1_700_000_000_000 + i * 1_000}`) * 10)]! += 1;
    for (const count of bins) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});
