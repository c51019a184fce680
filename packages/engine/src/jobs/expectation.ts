import type { JobRecord } from '@simple-scheduler/core';
import { PreconditionFailedError } from '../ports/index.ts';

/** What the caller relies on (`If-Match`): one of these revisions, or that the job exists at all. */
export type Expectation = 'any' | readonly number[];

/** @throws PreconditionFailedError where the job is not as expected */
export function checkExpectation(job: JobRecord | null, expected: Expectation | undefined): void {
  if (expected === undefined) return;
  if (job === null) throw new PreconditionFailedError('the job does not exist');
  if (expected !== 'any' && !expected.includes(job.revision)) {
    throw new PreconditionFailedError(`the job has changed: it is at revision ${job.revision} now`);
  }
}
