import { isLive } from '@simple-scheduler/contracts/vocabulary';
import type { JobRecord, RunRecord } from '@simple-scheduler/core';
import { ConflictError, ContendedError } from '../ports/index.ts';
import type { ApiContext } from '../jobs/context.ts';
import { getRun } from './find-runs.ts';
import { startByHand } from './start-by-hand.ts';

/**
 * Makes a new run of the same payload; the ended one stays as it is.
 * @throws NotFoundError, ConflictError where the run has not ended or its job is gone, ContendedError
 */
export async function retryRun(context: ApiContext, id: string): Promise<RunRecord> {
  const parent = await getRun(context, id);
  if (isLive(parent.status))
    throw new ConflictError(`run "${id}" is ${parent.status}; only an ended run can be retried`);
  const job = await context.store.getJob(parent.jobName);
  if (job === null) throw new ConflictError(`job "${parent.jobName}" of run "${id}" is deleted`);
  const run = await startByHand(context, withPayloadOf(parent, job), { trigger: 'retry', parentRunId: parent.id });
  if (run === null) throw new ContendedError(`run "${id}" cannot be retried right now; try again`);
  return run;
}

function withPayloadOf(parent: RunRecord, job: JobRecord): JobRecord {
  const { payload: _payload, ...rest } = job;
  return parent.payload === undefined ? rest : { ...rest, payload: parent.payload };
}
