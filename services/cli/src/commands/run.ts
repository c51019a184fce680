import type { RunNowOptions } from '@simple-scheduler/client';
import type { Run } from '@simple-scheduler/contracts';
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
  hintAtRun(context, run, 'Asked for a run');
}

/** What came of a wish for a run: the job's policy may have let none start. */
export function hintAtRun({ hint, io }: Context, { id, jobName, status, reason }: Run, done: string): void {
  if (status === 'skipped')
    hint(`No run was started (${reason ?? 'skipped'}): ${jobName} is busy and lets no more runs wait.`);
  else hint(`${done}. Follow it with \`${io.program} get run ${id}\`.`);
}
