import { setTimeout as sleep } from 'node:timers/promises';
import type { Log, MessageBus, Random, SchedulerError } from '@simple-scheduler/engine';
import type { Readiness } from '../health/readiness.ts';
import { backoffMs } from '../loop/backoff.ts';
import { FailureLog } from '../loop/failures.ts';

export interface Dependency<T> {
  /** As people call it: "database", "message bus". Also the name of its check on `/readyz`. */
  readonly name: string;
  /** One try. Leaves nothing open when it rejects. */
  readonly attempt: () => Promise<T>;
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
 * in any order. Says once that it waits and why, and shows it on `/readyz`. An error that says of itself that no
 * waiting will cure it (`retryable: false`), such as a file that is no database, is thrown.
 */
export async function awaitDependency<T>(dependency: Dependency<T>, context: AwaitContext): Promise<T> {
  const { name, attempt } = dependency;
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
      if (isHopeless(error)) throw error;
      signal.throwIfAborted();
      failures.failed(error);
    }
    const pauseMs = backoffMs(failures.count, { firstMs: 200, capMs: backoffCapMs, chance: random.next() });
    await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** After which it is told, and shown on `/readyz`, why there is no connection. */
const CONNECT_TIMEOUT_MS = 5_000;
const CONNECT_PAUSE_MS = 200;

/** Waits for the first connection of a bus, which is trying all the while, with pauses of its own. */
export async function awaitConnection(bus: Pick<MessageBus, 'connect'>, context: AwaitContext): Promise<void> {
  const attempt = (): Promise<void> => bus.connect({ timeoutMs: CONNECT_TIMEOUT_MS });
  await awaitDependency({ name: 'message bus', attempt }, { ...context, backoffCapMs: CONNECT_PAUSE_MS });
}

function isHopeless(error: unknown): boolean {
  return error instanceof Error && (error as Partial<SchedulerError>).retryable === false;
}
