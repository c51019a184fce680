import { RUN_STATUSES } from '@simple-scheduler/contracts/vocabulary';
import type { RunRecord } from '@simple-scheduler/core';
import { NotFoundError, type RunQuery } from '../ports/index.ts';
import type { ApiContext } from '../jobs/context.ts';

export function listRuns(context: ApiContext, query: RunQuery): Promise<{ runs: RunRecord[]; next?: string }> {
  const { startedBefore, heartbeatBefore } = query;
  if (startedBefore === undefined && heartbeatBefore === undefined) return context.store.listRuns(query);
  // No skipped tick ever started, and there may be a million of them to find that out from.
  const statuses = (query.statuses ?? RUN_STATUSES).filter((status) => status !== 'skipped');
  return context.store.listRuns({ ...query, statuses });
}

/** @throws NotFoundError */
export async function getRun(context: ApiContext, id: string): Promise<RunRecord> {
  const run = await context.store.getRun(id);
  if (run === null) throw new NotFoundError(`there is no run "${id}"`);
  return run;
}
