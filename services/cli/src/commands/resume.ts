import type { Context } from '../context.ts';
import { relativeTime } from '../output/human-time.ts';
import { jobView } from '../output/job-view.ts';
import { forEachOf, withJob } from './naming.ts';

export async function resumeJobs(context: Context, names: readonly string[]): Promise<void> {
  const resume = async (name: string) => {
    const job = await withJob(context, name, () => context.client.jobs.resume(name));
    const next = job.nextRunAt === undefined ? '' : `; its next run is due ${relativeTime(job.nextRunAt, Date.now())}`;
    context.hint(`Resumed ${name}${next}.`);
    return job;
  };
  await forEachOf(names, resume, (jobs) => context.print.rows(jobView, jobs));
}
