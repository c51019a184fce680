import { simulate } from '@simple-scheduler/simulation';
import { describe, expect, it } from 'vitest';

const GROUP = 50;

/** Every seed in the range keeps every promise. A failing one is replayed with `pnpm sim --seed N --story`. */
export function holdSeeds(from: number, to: number): void {
  describe('the promises hold under faults', () => {
    for (let first = from; first <= to; first += GROUP) {
      const last = Math.min(to, first + GROUP - 1);
      it(`for seeds ${first} to ${last}`, async () => {
        const broken: string[] = [];
        let ticks = 0;
        for (let seed = first; seed <= last; seed += 1) {
          const outcome = await simulate(seed);
          ticks += outcome.ticks;
          for (const violation of outcome.violations)
            broken.push(`seed ${seed}: ${violation.invariant}: ${violation.what}`);
        }
        expect(broken).toEqual([]);
        // A world in which nothing happens keeps every promise too.
        expect(ticks).toBeGreaterThan(1_000);
      });
    }
  });
}
