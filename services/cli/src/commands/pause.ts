import type { Context } from '../context.ts';
import { jobView } from '../output/job-view.ts';
import { forEachOf, withJob } from './naming.ts';

export async function pauseJobs(context: Context, names: readonly string[]): Promise<void> {
  const pause = async (name: string) => {
    const job = await withJob(context, name, () => context.client.jobs.pause(name));
    context.hint(`Paused ${name}; runs under way go on.`);
    return job;
  };
  await forEachOf(names, pause, (jobs) => context.print.rows(jobView, jobs));
}
