import type { RunRecord } from '@simple-scheduler/core';
import { NotFoundError, type RunQuery } from '../ports/index.ts';
import type { ApiContext } from '../jobs/context.ts';

export function listRuns(context: ApiContext, query: RunQuery): Promise<{ runs: RunRecord[]; next?: string }> {
  return context.store.listRuns(query);
}

/** @throws NotFoundError */
export async function getRun(context: ApiContext, id: string): Promise<RunRecord> {
  const run = await context.store.getRun(id);
  if (run === null) throw new NotFoundError(`there is no run "${id}"`);
  return run;
}
