import type { Context } from '../context.ts';
import { runView } from '../output/run-view.ts';
import { followRuns } from './follow.ts';
import { forEachOf, withRun } from './naming.ts';
import { hintAtRun } from './run.ts';
import type { WatchOptions } from './watch.ts';

export async function retryRuns(context: Context, ids: readonly string[], options: WatchOptions): Promise<void> {
  const retry = async (id: string) => {
    const run = await withRun(context, id, () => context.client.runs.retry(id));
    hintAtRun(context, run, `Retrying ${id} as ${run.id}`);
    return run;
  };
  await forEachOf(ids, retry, (runs) => {
    if (!options.watch) return context.print.rows(runView, runs);
    const started = runs.map(({ id }) => id);
    return followRuns(context, started, options.every);
  });
}
