import type { Log, Meter, Store } from '../ports/index.ts';

export interface CustodianContext {
  readonly store: Store;
  readonly log: Log;
  readonly meter: Meter;
}

/** In one statement: a million at once would take a database a minute, which no call may. */
const RELEASE_BATCH = 10_000;

/**
 * One turn of a custodian: schedulers that have not renewed for `heartbeatTimeoutMs`, by the database's clock, lose
 * their registration and then their jobs. A crash in between leaves jobs of an unregistered scheduler, which the last
 * step finds. Any number of custodians may do this at once. Returns whether there may be more to free.
 */
export async function freeStuckJobs(
  context: CustodianContext,
  heartbeatTimeoutMs: number,
): Promise<{ readonly more: boolean }> {
  const silent = await context.store.removeSilentManagers(heartbeatTimeoutMs);
  const freed = silent.length === 0 ? 0 : await context.store.releaseJobsOf(silent, RELEASE_BATCH);
  const orphans = await context.store.releaseOrphans(RELEASE_BATCH);
  if (silent.length > 0) context.log.warn({ managers: silent, freed }, 'freed the jobs of silent schedulers');
  if (orphans > 0) context.log.warn({ orphans }, 'freed jobs of unregistered schedulers');
  context.meter.count('jobs_freed_total', freed + orphans);
  return { more: orphans >= RELEASE_BATCH };
}
