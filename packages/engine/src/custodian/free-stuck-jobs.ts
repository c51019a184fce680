import type { Log, Meter, Store } from '../ports/index.ts';

export interface CustodianContext {
  readonly store: Store;
  readonly log: Log;
  readonly meter: Meter;
}

/**
 * One turn of a custodian: schedulers that have not renewed for `heartbeatTimeoutMs`, by the database's clock, lose
 * their registration and then their jobs. A crash in between leaves jobs of an unregistered scheduler, which the last
 * step finds. Any number of custodians may do this at once. Returns how many jobs were freed.
 */
export async function freeStuckJobs(context: CustodianContext, heartbeatTimeoutMs: number): Promise<number> {
  const silent = await context.store.removeSilentManagers(heartbeatTimeoutMs);
  const freed = silent.length === 0 ? 0 : await context.store.releaseJobsOf(silent);
  const orphans = await context.store.releaseOrphans();
  if (silent.length > 0) context.log.warn({ managers: silent, freed }, 'freed the jobs of silent schedulers');
  if (orphans > 0) context.log.warn({ orphans }, 'freed jobs of unregistered schedulers');
  context.meter.count('jobs_freed_total', freed + orphans);
  return freed + orphans;
}
