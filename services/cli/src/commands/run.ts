import type { RunNowOptions } from '@simple-scheduler/client';
import type { Context } from '../context.ts';
import { runView } from '../output/run-view.ts';
import { withJob } from './naming.ts';

export async function runJob(context: Context, name: string, options: Omit<RunNowOptions, 'signal'>): Promise<void> {
  const run = await withJob(context, name, () => context.client.jobs.run(name, options));
  await context.print.row(runView, run);
  if (run.status === 'skipped') {
    context.hint(`No run was started (${run.reason ?? 'skipped'}): ${name} is busy and lets no more runs wait.`);
  } else {
    context.hint(`Asked for a run. Follow it with \`${context.io.program} get run ${run.id}\`.`);
  }
}
