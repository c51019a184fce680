import type { JobPatch } from '@simple-scheduler/contracts';
import type { Context } from '../context.ts';
import { usageFailure } from '../failures.ts';
import { jobView } from '../output/job-view.ts';
import { withJob } from './naming.ts';

/** Fields that a job may be without. */
export const CLEARABLE_FIELDS = [
  'description',
  'interval',
  'cron',
  'nextRunAt',
  'startAt',
  'endAt',
  'retentionCount',
  'retentionAge',
  'meta',
  'workQueue',
] as const;
export type ClearableField = (typeof CLEARABLE_FIELDS)[number];

export async function updateJob(
  context: Context,
  name: string,
  change: { readonly fields: JobPatch; readonly clear: readonly ClearableField[] },
): Promise<void> {
  const patch = toPatch(change.fields, change.clear);
  if (Object.keys(patch).length === 0) {
    throw usageFailure(`Nothing to change: give a field, as in \`${context.io.program} update job ${name} -i 5m\`.`);
  }
  const job = await withJob(context, name, () => context.client.jobs.update(name, patch));
  await context.print.row(jobView, job);
  context.hint(`Changed ${job.name}.`);
}

/** A job has one schedule, so that giving it another one takes the old one away. */
function toPatch(fields: JobPatch, clear: readonly ClearableField[]): JobPatch {
  const cleared: Partial<Record<ClearableField, null>> = {};
  for (const field of clear) {
    if (fields[field] !== undefined) throw usageFailure(`${field} is both given and cleared: choose one.`);
    cleared[field] = null;
  }
  if (fields.cron !== undefined) cleared.interval = null;
  if (fields.interval !== undefined) cleared.cron = null;
  return { ...fields, ...cleared };
}
