import type { JobRecord, RunRecord } from '@simple-scheduler/core';
import { ContendedError } from '../ports/index.ts';
import type { ApiContext } from '../jobs/context.ts';
import { jobNamed } from '../jobs/job-named.ts';
import { type ByHand, insertBefore, startByHand } from './start-by-hand.ts';
import { type RequestKey, startOnce } from './start-once.ts';

export interface RunNowRequest {
  readonly name: string;
  /** Replaces the job's payload; undefined: the job's own. */
  readonly payload?: unknown;
  /** A repeated request answers what the first one did. A key belongs to the job. */
  readonly request?: RequestKey;
}

/**
 * Starts a run because someone asked, of a disabled job too. A job that is busy answers with a run that waits, or one
 * that is skipped where none may wait.
 * @throws NotFoundError, ValidationError (the key was used for another payload), ContendedError, OutdatedError
 */
export async function runNow(context: ApiContext, { name, payload, request }: RunNowRequest): Promise<RunRecord> {
  const latest = insertBefore(context);
  const job = await jobNamed(context, name);
  const wish: ByHand = { trigger: 'manual', insertBefore: latest, ...(payload === undefined ? {} : { payload }) };
  if (request === undefined) return startNew(context, job, wish);
  return startOnce(context, { scope: `${job.uid}:run`, request }, async () => ({ job, wish }));
}

/** @throws ContendedError, OutdatedError */
export async function startNew(context: ApiContext, job: JobRecord, wish: ByHand): Promise<RunRecord> {
  const run = await startByHand(context, job, wish);
  if (run === null) throw new ContendedError(`job "${job.name}" cannot be run right now; try again`);
  return run;
}
