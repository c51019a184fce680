import type { RandomStream } from './random.ts';

/**
 * Which faults a seed has, and how often. Each seed draws its own mix, so that some are pure crashes, some pure clocks,
 * some only a bad network.
 */
export interface Faults {
  /** Share of store calls that fail before, or after, they took effect. */
  storeFailBefore: number;
  storeFailAfter: number;
  /** Share of store calls that take long, ms at the most. */
  storeSlow: number;
  storeSlowMaxMs: number;
  /** Share of bus messages that are delivered twice. */
  duplicate: number;
  /** Longest delay of a bus message, ms: reorders. */
  busDelayMaxMs: number;
  /** Share of publications that arrive although their confirm does not. */
  confirmLost: number;
  /** Share of announcements that are lost. */
  controlLost: number;
  /** Mean time between these, ms; 0: never. */
  crashEveryMs: number;
  pauseEveryMs: number;
  storeOutageEveryMs: number;
  busOutageEveryMs: number;
  workerCrashEveryMs: number;
  clockJumpEveryMs: number;
  /** Largest clock offset of a process, ms. */
  clockSkewMaxMs: number;
  /** Mean time between edits of jobs by users, ms; 0: never. */
  editEveryMs: number;
}

export const NO_FAULTS: Faults = {
  storeFailBefore: 0,
  storeFailAfter: 0,
  storeSlow: 0,
  storeSlowMaxMs: 0,
  duplicate: 0,
  busDelayMaxMs: 20,
  confirmLost: 0,
  controlLost: 0,
  crashEveryMs: 0,
  pauseEveryMs: 0,
  storeOutageEveryMs: 0,
  busOutageEveryMs: 0,
  workerCrashEveryMs: 0,
  clockJumpEveryMs: 0,
  clockSkewMaxMs: 0,
  editEveryMs: 0,
};

export function drawFaults(random: RandomStream): Faults {
  const some = <T>(share: number, value: () => T, none: T): T => (random.chance(share) ? value() : none);
  return {
    storeFailBefore: some(0.5, () => random.next() * 0.05, 0),
    storeFailAfter: some(0.5, () => random.next() * 0.05, 0),
    storeSlow: some(0.4, () => random.next() * 0.1, 0),
    storeSlowMaxMs: random.int(100, 4_000),
    duplicate: some(0.5, () => random.next() * 0.3, 0),
    busDelayMaxMs: some(0.5, () => random.int(100, 5_000), 20),
    confirmLost: some(0.4, () => random.next() * 0.1, 0),
    controlLost: some(0.5, () => random.next(), 0),
    crashEveryMs: some(0.6, () => random.int(10_000, 60_000), 0),
    pauseEveryMs: some(0.5, () => random.int(10_000, 60_000), 0),
    storeOutageEveryMs: some(0.3, () => random.int(30_000, 120_000), 0),
    busOutageEveryMs: some(0.3, () => random.int(30_000, 120_000), 0),
    workerCrashEveryMs: some(0.5, () => random.int(5_000, 40_000), 0),
    clockJumpEveryMs: some(0.3, () => random.int(20_000, 90_000), 0),
    clockSkewMaxMs: some(0.4, () => random.int(50, 4_000), 0),
    // Sometimes many at once, so that they meet each other and the schedulers on the same records.
    editEveryMs: some(0.7, () => (random.chance(0.4) ? random.int(150, 600) : random.int(3_000, 20_000)), 0),
  };
}
