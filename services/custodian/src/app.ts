import { createRunPruner, freeStuckJobs } from '@simple-scheduler/engine';
import type { Clock, Log, Meter, Random, Store } from '@simple-scheduler/engine';
import { createLoop } from '@simple-scheduler/runtime';
import type { Readiness } from '@simple-scheduler/runtime';

export interface CustodianDeps {
  readonly settings: {
    readonly heartbeatTimeoutMs: number;
    readonly cleanupIntervalMs: number;
    /** Run records that are kept of each job, and for how long; 0: no bound. */
    readonly retentionCount: number;
    readonly retentionAgeMs: number;
  };
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

/** Between two turns of which the first could not remove all: others need the database too. */
const PRUNE_AGAIN_MS = 100;

/**
 * Frees the jobs of dead schedulers and removes old run records, again and again. Any number of custodians may do so at
 * once. The two do not wait for each other, and only the first is what others rely on.
 */
export function buildCustodian({ settings, store, clock, random, log, meter, readiness }: CustodianDeps): Custodian {
  const context = { store, log, meter };
  const timing = { intervalMs: settings.cleanupIntervalMs, backoffCapMs: settings.cleanupIntervalMs };
  const freeing = createLoop({
    name: 'freeing stuck jobs',
    ...timing,
    clock,
    random,
    log,
    run: async () => ((await freeStuckJobs(context, settings.heartbeatTimeoutMs)).more ? clock.now() : undefined),
  });
  const pruner = createRunPruner(context, settings);
  const pruning = createLoop({
    name: 'removing old runs',
    ...timing,
    clock,
    random,
    log,
    run: async () => ((await pruner.turn()).more ? clock.now() + PRUNE_AGAIN_MS : undefined),
  });
  readiness.set('database', () => store.ping().then(() => undefined));
  readiness.set('custodian', () => freeing.failure());
  return {
    start: () => {
      freeing.start();
      pruning.start();
    },
    stop: async () => {
      await Promise.all([freeing.stop(), pruning.stop()]);
    },
  };
}
