import type { CounterName, Meter } from '@simple-scheduler/engine';

export interface CountingMeter extends Meter {
  /** What was counted under this name, whatever its labels. */
  of(name: CounterName): number;
}

export function countingMeter(): CountingMeter {
  const counts = new Map<string, number>();
  return {
    count: (name, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by),
    gauge: () => {},
    observe: () => {},
    of: (name) => counts.get(name) ?? 0,
  };
}
