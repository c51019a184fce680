import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Violation } from '../checks/violations.ts';
import type { SeedReport, SeedRange } from './seed-thread.ts';

export interface FailedSeed {
  readonly seed: number;
  readonly violation: Violation;
}

export interface ManySeeds extends SeedRange {
  /** Stops at the first seed that fails. */
  readonly untilFailure: boolean;
  /** Default: one for each core. */
  readonly threads?: number;
  /** Called after each seed. */
  readonly onSeed: (done: number, failed?: FailedSeed) => void;
}

/** Seeds that a thread is given at a time: few, so that none is left with much to do while the others have ended. */
const PORTION = 10;

/** Simulates a range of seeds on all cores; resolves with those that fail, by seed. */
export async function simulateMany({ from, to, untilFailure, onSeed, ...options }: ManySeeds): Promise<FailedSeed[]> {
  const failed: FailedSeed[] = [];
  let next = from;
  let done = 0;
  const portion = (): SeedRange | undefined => {
    if (next > to || (untilFailure && failed.length > 0)) return undefined;
    const range = { from: next, to: Math.min(to, next + PORTION - 1) };
    next = range.to + 1;
    return range;
  };
  const onReport = ({ seed, violation }: SeedReport): void => {
    done += 1;
    const failure = violation === undefined ? undefined : { seed, violation };
    if (failure !== undefined) failed.push(failure);
    onSeed(done, failure);
  };
  const threads = Math.min(options.threads ?? availableParallelism(), Math.ceil((to - from + 1) / PORTION));
  await Promise.all(Array.from({ length: threads }, () => runThread(portion, onReport)));
  return failed.sort((a, b) => a.seed - b.seed);
}

/** Feeds one thread with portions until there are no more; rejects where it dies of something. */
function runThread(portion: () => SeedRange | undefined, onReport: (report: SeedReport) => void): Promise<void> {
  const thread = new Worker(new URL('./seed-thread.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const feed = (): void => {
      const range = portion();
      if (range !== undefined) thread.postMessage(range);
      else void thread.terminate().then(() => resolve());
    };
    thread.on('message', (message: SeedReport | 'done') => (message === 'done' ? feed() : onReport(message)));
    thread.on('error', reject);
    feed();
  });
}
