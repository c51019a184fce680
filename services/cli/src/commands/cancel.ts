import type { Context } from '../context.ts';
import { followRuns } from './follow.ts';
import { forEachOf, withRun } from './naming.ts';
import type { WatchOptions } from './watch.ts';

export async function cancelRuns(context: Context, ids: readonly string[], options: WatchOptions): Promise<void> {
  const cancel = async (id: string) => {
    await withRun(context, id, () => context.client.runs.cancel(id));
    if (!options.watch)
      context.hint(`Asked to cancel ${id}. See how it ends with \`${context.io.program} get run ${id}\`.`);
    return { id, action: 'cancel requested' };
  };
  await forEachOf(ids, cancel, async (done) => {
    if (!options.watch) await context.print.done(done);
  });
  if (options.watch) await followRuns(context, ids, options.every);
}
