import type { JobCreate } from '@simple-scheduler/contracts';
import type { JobRecord } from '@simple-scheduler/core';
import { ConflictError, ContendedError, PreconditionFailedError } from '../ports/index.ts';
import { type ApiContext, TRIES_MAX } from './context.ts';
import { createJob } from './create-job.ts';
import { tryEdit } from './edit-job.ts';
import { checkExpectation, type Expectation } from './expectation.ts';
import { wishOfReplacement } from './job-fields.ts';

export interface PutOptions {
  readonly expected?: Expectation;
  /** Refuse where a job of this name exists (`If-None-Match: *`). */
  readonly onlyNew?: boolean;
}

/**
 * Makes the job what `input` says, new or in place of what it was. The job as it is already stays untouched.
 * @throws ValidationError (cron, zone), PreconditionFailedError, ContendedError
 */
export async function putJob(
  context: ApiContext,
  input: JobCreate,
  options: PutOptions = {},
): Promise<{ job: JobRecord; created: boolean }> {
  const wish = wishOfReplacement(input);
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const now = context.clock.now();
    const job = await context.store.getJob(input.name);
    checkExpectation(job, options.expected);
    if (job === null) {
      const created = await createUnlessTaken(context, input);
      if (created !== null) return { job: created, created: true };
      continue;
    }
    if (options.onlyNew) throw new PreconditionFailedError(`a job named "${input.name}" exists already`);
    const edited = await tryEdit(context, job, { wish, now });
    if (edited !== null) return { job: edited, created: false };
  }
  throw new ContendedError(`job "${input.name}" is being changed by others; try again`);
}

async function createUnlessTaken(context: ApiContext, input: JobCreate): Promise<JobRecord | null> {
  try {
    return await createJob(context, input);
  } catch (error) {
    if (error instanceof ConflictError) return null;
    throw error;
  }
}
