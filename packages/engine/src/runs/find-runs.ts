import { RUN_STATUSES } from '@simple-scheduler/contracts/vocabulary';
import type { RunRecord } from '@simple-scheduler/core';
import { NotFoundError, type RunQuery } from '../ports/index.ts';
import type { ApiContext } from '../jobs/context.ts';

/** A page of the runs that match, newest first; `next` is absent on the last. */
export function listRuns(context: ApiContext, query: RunQuery): Promise<{ runs: RunRecord[]; next?: string }> {
  const times = [query.startedBefore, query.heartbeatBefore].filter((at) => at !== undefined);
  if (times.length === 0) return context.store.listRuns(query);
  // Lists go by creation, and a run neither starts nor is heard of before it (`transition`): what was created later need
  // not be looked at. Nor need skipped ticks, of which there may be a million: none of them ever started.
  const createdBefore = Math.min(...times, query.createdBefore ?? Number.POSITIVE_INFINITY);
  const statuses = (query.statuses ?? RUN_STATUSES).filter((status) => status !== 'skipped');
  return context.store.listRuns({ ...query, createdBefore, statuses });
}

/** @throws NotFoundError */
export async function getRun(context: ApiContext, id: string): Promise<RunRecord> {
  const run = await context.store.getRun(id);
  if (run === null) throw new NotFoundError(`there is no run "${id}"`);
  return run;
}
