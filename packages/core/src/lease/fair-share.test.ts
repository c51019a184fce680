import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fairShare } from './fair-share.ts';

describe('fairShare', () => {
  it('divides the jobs among managers without limits, rounded up', () => {
    expect(fairShare({ totalJobs: 3_000, limits: [0, 0, 0, 0], ownLimit: 0 })).toBe(750);
    expect(fairShare({ totalJobs: 10, limits: [0, 0, 0], ownLimit: 0 })).toBe(4);
  });

  it('leaves to the others what a manager at its limit cannot take', () => {
    expect(fairShare({ totalJobs: 1_000, limits: [100, 0, 0], ownLimit: 0 })).toBe(450);
    expect(fairShare({ totalJobs: 1_000, limits: [100, 0, 0], ownLimit: 100 })).toBe(100);
  });

  it('never leaves jobs unheld that some manager could hold', () => {
    fc.assert(
      fc.property(fc.nat(5_000), fc.array(fc.nat(1_000), { minLength: 1, maxLength: 8 }), (totalJobs, limits) => {
        const shares = limits.map((ownLimit) => fairShare({ totalJobs, limits, ownLimit }));
        const capacity = limits.includes(0) ? Number.POSITIVE_INFINITY : limits.reduce((a, b) => a + b, 0);
        expect(shares.reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(Math.min(totalJobs, capacity));
        limits.forEach((limit, i) => limit > 0 && expect(shares[i]).toBeLessThanOrEqual(limit));
      }),
    );
  });
});
