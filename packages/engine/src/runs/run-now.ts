import type { JobRecord, RunRecord } from '@simple-scheduler/core';
import { NotFoundError, ValidationError } from '../ports/index.ts';
import type { ApiContext } from '../jobs/context.ts';
import { equalJson } from '../jobs/equal-json.ts';
import { startByHand } from './start-by-hand.ts';

export interface RunNowRequest {
  readonly name: string;
  /** Replaces the job's payload; undefined: the job's own. */
  readonly payload?: unknown;
  /** Digest of the caller's idempotency key: a repeated request answers the run of the first. */
  readonly requestKey?: string;
}

/**
 * Starts a run because someone asked, of a disabled job too. A job that is busy answers with a run that waits, or one
 * that is skipped where none may wait.
 * @throws NotFoundError, ValidationError (the key was used for another payload), ContendedError
 */
export async function runNow(context: ApiContext, request: RunNowRequest): Promise<RunRecord> {
  const job = await context.store.getJob(request.name);
  if (job === null) throw new NotFoundError(`there is no job named "${request.name}"`);
  // In the place of a tick: unique in the store, so that two at once make one run as well.
  const tickKey = request.requestKey === undefined ? undefined : `${job.uid}:manual:${request.requestKey}`;
  const run = await startByHand(context, job, {
    trigger: 'manual',
    ...(request.payload === undefined ? {} : { payload: request.payload }),
    ...(tickKey === undefined ? {} : { tickKey }),
  });
  if (run !== null) return run;
  const earlier = tickKey === undefined ? null : await context.store.getRunByTickKey(tickKey);
  if (earlier === null) throw new NotFoundError('the run of this idempotency key is gone');
  checkSameRequest(job, earlier, request.payload);
  return earlier;
}

function checkSameRequest(job: JobRecord, earlier: RunRecord, payload: unknown): void {
  // Asked without a payload, the run got the job's; that may have been edited since, which makes no other request.
  if (payload === undefined && job.updatedAt > earlier.createdAt) return;
  if (equalJson(earlier.payload, payload === undefined ? job.payload : payload)) return;
  throw new ValidationError([{ path: 'Idempotency-Key', message: 'was used for a run with another payload' }]);
}
