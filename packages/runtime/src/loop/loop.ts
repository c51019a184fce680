import type { Clock, Log, Random } from '@simple-scheduler/engine';
import { createAlarm } from './alarm.ts';
import { backoffMs } from './backoff.ts';
import { FailureLog } from './failures.ts';

export interface LoopOptions {
  readonly name: string;
  /** One turn. Answers the moment (epoch ms) at which it wants the next one; without one, after `intervalMs`. */
  readonly run: (now: number) => Promise<number | null | void>;
  /** Longest pause between two turns. `Infinity`: only when told. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Longest pause after failures; default 5 s. */
  readonly backoffCapMs?: number;
}

export interface Loop {
  /** Begins with a turn at once. Again: nothing. */
  start(): void;
  /** Asks for a turn soon: now, or right after the one that is running. Many calls give one turn. */
  wake(): void;
  /** No turn begins any more; resolves when the running one has ended. Safe twice, and before `start`. */
  stop(): Promise<void>;
  /** Why the last turn failed, or undefined. */
  failure(): string | undefined;
}

const FIRST_BACKOFF_MS = 100;

/**
 * Calls `run` again and again with one timer, one call at a time. A turn that fails is tried again after a growing
 * pause, which `wake` does not cut short: a store that is away is not asked at the rate of incoming messages.
 */
export function createLoop({ name, run, intervalMs, clock, random, log, backoffCapMs = 5_000 }: LoopOptions): Loop {
  const failures = new FailureLog(log, name);
  let phase: 'new' | 'started' | 'stopped' = 'new';
  let running: Promise<void> | undefined;
  let woken = false;
  const alarm = createAlarm(() => {
    running = turn().then((delayMs) => {
      running = undefined;
      if (phase === 'started') rearm(delayMs);
    });
  });

  async function turn(): Promise<number> {
    woken = false;
    try {
      const delayMs = pauseMs(await run(clock.now()));
      failures.succeeded();
      return delayMs;
    } catch (error) {
      failures.failed(error);
      return backoffMs(failures.count, { firstMs: FIRST_BACKOFF_MS, capMs: backoffCapMs, chance: random.next() });
    }
  }

  function rearm(delayMs: number): void {
    if (woken && failures.count === 0) alarm.set(0);
    else if (delayMs !== Infinity) alarm.set(delayMs);
  }

  function pauseMs(nextAt: number | null | void): number {
    return typeof nextAt === 'number' ? Math.min(intervalMs, Math.max(0, nextAt - clock.now())) : intervalMs;
  }

  return {
    start: () => {
      if (phase !== 'new') return;
      phase = 'started';
      alarm.set(0);
    },
    wake: () => {
      // Not twice: an alarm set again and again to "now" would never ring.
      if (woken) return;
      woken = true;
      if (phase === 'started' && running === undefined && failures.count === 0) alarm.set(0);
    },
    stop: async () => {
      phase = 'stopped';
      alarm.clear();
      await running;
    },
    failure: () => failures.reason,
  };
}
