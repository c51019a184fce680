import { freeStuckJobs } from '@simple-scheduler/engine';
import type { Clock, Log, Meter, Random, Store } from '@simple-scheduler/engine';
import { createLoop } from '@simple-scheduler/runtime';
import type { Readiness } from '@simple-scheduler/runtime';

export interface CustodianDeps {
  readonly settings: { readonly heartbeatTimeoutMs: number; readonly cleanupIntervalMs: number };
  /** Migrated, and not closed by the custodian. */
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
  readonly readiness: Readiness;
}

export interface Custodian {
  start(): void;
  /** Resolves when the running turn has ended. Safe twice, and before `start`. */
  stop(): Promise<void>;
}

/** Frees the jobs of dead schedulers, again and again. Any number of custodians may do so at once. */
export function buildCustodian({ settings, store, clock, random, log, meter, readiness }: CustodianDeps): Custodian {
  const loop = createLoop({
    name: 'freeing stuck jobs',
    intervalMs: settings.cleanupIntervalMs,
    backoffCapMs: settings.cleanupIntervalMs,
    clock,
    random,
    log,
    run: async () => {
      await freeStuckJobs({ store, log, meter }, settings.heartbeatTimeoutMs);
    },
  });
  readiness.set('database', () => store.ping().then(() => undefined));
  readiness.set('custodian', () => loop.failure());
  return { start: () => loop.start(), stop: () => loop.stop() };
}
