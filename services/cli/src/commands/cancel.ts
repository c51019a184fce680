import type { Context } from '../context.ts';
import { followRuns } from './follow.ts';
import { forEachOf, withRun } from './naming.ts';
import type { WatchOptions } from './watch.ts';

export async function cancelRuns(context: Context, ids: readonly string[], options: WatchOptions): Promise<void> {
  await forEachOf(ids, async (id) => {
    await withRun(context, id, () => context.client.runs.cancel(id));
    if (options.watch) return;
    await context.print.done(id);
    context.hint(`Asked to cancel ${id}. See how it ends with \`${context.io.program} get run ${id}\`.`);
  });
  if (options.watch) await followRuns(context, ids, options.every);
}
