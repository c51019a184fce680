import { setTimeout as sleep } from 'node:timers/promises';
import type { Log, Random } from '@simple-scheduler/engine';
import type { Readiness } from '../health/readiness.ts';
import { backoffMs } from '../loop/backoff.ts';
import { FailureLog } from '../loop/failures.ts';

export interface Dependency<T> {
  /** As people call it: "database", "message bus". Also the name of its check on `/readyz`. */
  readonly name: string;
  /** One try. Leaves nothing open when it rejects. */
  readonly attempt: () => Promise<T>;
  /** False for errors that no waiting will cure, such as a refused password; they are thrown. Default: all are worth waiting for. */
  readonly isTransient?: (error: unknown) => boolean;
}

export interface AwaitContext {
  readonly log: Log;
  readonly random: Random;
  readonly readiness: Readiness;
  /** Ends the waiting; the promise rejects with the signal's reason then. */
  readonly signal: AbortSignal;
  readonly backoffCapMs?: number;
}

/**
 * Waits for something that a service cannot begin without, however long it takes: services of one installation start
 * in any order. Says once that it waits and why, and shows it on `/readyz`.
 */
export async function awaitDependency<T>(dependency: Dependency<T>, context: AwaitContext): Promise<T> {
  const { name, attempt, isTransient = () => true } = dependency;
  const { log, random, readiness, signal, backoffCapMs = 5_000 } = context;
  const failures = new FailureLog(log, `connecting to the ${name}`);
  readiness.set(name, () => `waiting for the ${name}${failures.reason === undefined ? '' : `: ${failures.reason}`}`);
  for (;;) {
    signal.throwIfAborted();
    try {
      const value = await attempt();
      failures.succeeded();
      readiness.set(name, () => undefined);
      return value;
    } catch (error) {
      if (!isTransient(error)) throw error;
      failures.failed(error);
    }
    const pauseMs = backoffMs(failures.count, { firstMs: 200, capMs: backoffCapMs, chance: random.next() });
    await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
