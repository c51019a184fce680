import type { Context } from '../context.ts';
import { jobView } from '../output/job-view.ts';
import { runView } from '../output/run-view.ts';
import { followRuns } from './follow.ts';
import { withJob, withRun } from './naming.ts';
import { showOrWatch } from './watch.ts';
import type { WatchOptions } from './watch.ts';

export async function getJob(context: Context, name: string, options: WatchOptions): Promise<void> {
  await showOrWatch(context, jobView, () => withJob(context, name, () => context.client.jobs.get(name)), options);
}

/** A run that is watched is watched until it has ended. */
export async function getRun(context: Context, id: string, options: WatchOptions): Promise<void> {
  if (options.watch) return followRuns(context, [id], options.every);
  await context.print.details(runView, await withRun(context, id, () => context.client.runs.get(id)));
}
