import { ContendedError } from '../ports/index.ts';
import { type ApiContext, TRIES_MAX } from './context.ts';
import { checkExpectation, type Expectation } from './expectation.ts';
import { finishDeletion } from './finish-deletion.ts';
import { jobNamed } from './job-named.ts';
import { announceJob } from './tell-bus.ts';

const FINISH_WITHIN_MS = 5_000;

/**
 * Removes a job at once; its live runs are cancelled and its exchanges and queue removed before this resolves, or
 * later where the bus is away (`finishDeletions`).
 * @throws NotFoundError, PreconditionFailedError (`expected`), ContendedError
 */
export async function deleteJob(context: ApiContext, name: string, expected?: Expectation): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const job = await jobNamed(context, name);
    checkExpectation(job, expected);
    const outcome = await context.store.deleteJob({ name, uid: job.uid, revision: job.revision });
    if (outcome !== 'deleted') continue;
    await announceJob(context, name);
    const deletion = { uid: job.uid, job, deletedAt: context.clock.now() };
    const waited = await context.patience.within(finishDeletion(context, deletion), FINISH_WITHIN_MS);
    if (waited.kind !== 'done') {
      context.log.warn(
        { jobName: name, ...(waited.kind === 'failed' ? { err: waited.error } : {}) },
        'the deleted job is not cleaned up yet; it will be',
      );
    }
    return;
  }
  throw new ContendedError(`job "${name}" is being changed by others; try again`);
}
