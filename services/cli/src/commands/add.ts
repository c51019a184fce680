import { ApiError } from '@simple-scheduler/client';
import type { Job, JobInput } from '@simple-scheduler/contracts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failures.ts';
import { relativeTime } from '../output/human-time.ts';
import { jobView } from '../output/job-view.ts';

export async function addJob(context: Context, job: JobInput): Promise<void> {
  const created = await create(context, job);
  await context.print.row(jobView, created);
  context.hint(
    `Created ${created.name}; ${whatNext(created)} Follow it with \`${context.io.program} list runs -j ${created.name}\`.`,
  );
}

async function create(context: Context, job: JobInput): Promise<Job> {
  try {
    return await context.client.jobs.create(job);
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.status !== 409) throw cause;
    const sentence = `There is a job named ${job.name} already: take another name, or change it with \`${context.io.program} update job ${job.name}\`.`;
    throw new CliFailure(EXIT.refused, sentence, { cause });
  }
}

function whatNext(job: Job): string {
  if (!job.enabled) return 'it is paused.';
  if (job.nextRunAt === undefined) return 'it runs when asked to.';
  return `its next run is due ${relativeTime(job.nextRunAt, Date.now())} (${job.nextRunAt}).`;
}
