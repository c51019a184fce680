import type { Context } from '../context.ts';
import { jobView } from '../output/job-view.ts';
import { runView } from '../output/run-view.ts';
import { withJob, withRun } from './naming.ts';

export async function getJob(context: Context, name: string): Promise<void> {
  await context.print.details(jobView, await withJob(context, name, () => context.client.jobs.get(name)));
}

export async function getRun(context: Context, id: string): Promise<void> {
  await context.print.details(runView, await withRun(context, id, () => context.client.runs.get(id)));
}
