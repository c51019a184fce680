import { isLive } from '@simple-scheduler/contracts/vocabulary';
import type { JobRecord, RunRecord } from '@simple-scheduler/core';
import { ConflictError } from '../ports/index.ts';
import type { ApiContext } from '../jobs/context.ts';
import { getRun } from './find-runs.ts';
import { startNew } from './run-now.ts';
import { type ByHand, insertBefore } from './start-by-hand.ts';
import { type RequestKey, startOnce } from './start-once.ts';

/**
 * Makes a new run of the same payload; the ended one stays as it is.
 * @throws NotFoundError, ConflictError where the run has not ended or its job is gone, ValidationError (the key was used
 *   for something else), ContendedError, OutdatedError
 */
export async function retryRun(context: ApiContext, id: string, request?: RequestKey): Promise<RunRecord> {
  const prepare = (): Promise<{ job: JobRecord; wish: ByHand }> => retryOf(context, id);
  if (request !== undefined) return startOnce(context, { scope: `${id}:retry`, request }, prepare);
  const { job, wish } = await prepare();
  return startNew(context, job, wish);
}

async function retryOf(context: ApiContext, id: string): Promise<{ job: JobRecord; wish: ByHand }> {
  const latest = insertBefore(context);
  const parent = await getRun(context, id);
  if (isLive(parent.status))
    throw new ConflictError(`run "${id}" is ${parent.status}; only an ended run can be retried`);
  const job = await context.store.getJob(parent.jobName);
  if (job === null) throw new ConflictError(`job "${parent.jobName}" of run "${id}" is deleted`);
  return { job: withPayloadOf(parent, job), wish: { trigger: 'retry', parentRunId: parent.id, insertBefore: latest } };
}

function withPayloadOf(parent: RunRecord, job: JobRecord): JobRecord {
  const { payload: _payload, ...rest } = job;
  return parent.payload === undefined ? rest : { ...rest, payload: parent.payload };
}
