import type { Job, JobCreate } from '@simple-scheduler/contracts';
import type { DeclaredJob } from './job-file.ts';

/** The label that says to which set a job belongs: only the file of that set changes it, or deletes it with `--prune`. */
export const OWNER_LABEL = 'managed-by';

/** The job with the label of its set. */
export function ownedBy(job: JobCreate, set: string | undefined): JobCreate {
  return set === undefined ? job : { ...job, meta: { ...job.meta, [OWNER_LABEL]: set } };
}

export function ownerOf(job: { readonly meta?: Job['meta'] }): string | undefined {
  return job.meta?.[OWNER_LABEL];
}

/** A label of another set, written into the file by hand, would take the job away from both. */
export function ownershipFaults(jobs: readonly DeclaredJob[], set: string | undefined): string[] {
  if (set === undefined) return [];
  return jobs
    .filter(({ job }) => (ownerOf(job) ?? set) !== set)
    .map(
      ({ job, at }) =>
        `${at(['meta', OWNER_LABEL])}: ${job.name}: meta.${OWNER_LABEL} must be ${set}, the set; leave it out`,
    );
}
