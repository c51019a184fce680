import type { RunNowOptions } from '@simple-scheduler/client';
import type { Context } from '../context.ts';
import { runView } from '../output/run-view.ts';
import { followRuns } from './follow.ts';
import { withJob } from './naming.ts';
import type { WatchOptions } from './watch.ts';

export interface RunJobOptions extends WatchOptions, Omit<RunNowOptions, 'signal'> {}

export async function runJob(context: Context, name: string, options: RunJobOptions): Promise<void> {
  const { watch, every, ...asked } = options;
  const run = await withJob(context, name, () => context.client.jobs.run(name, asked));
  if (watch) return followRuns(context, [run.id], every);
  await context.print.row(runView, run);
  if (run.status === 'skipped') {
    context.hint(`No run was started (${run.reason ?? 'skipped'}): ${name} is busy and lets no more runs wait.`);
  } else {
    context.hint(`Asked for a run. Follow it with \`${context.io.program} get run ${run.id}\`.`);
  }
}
