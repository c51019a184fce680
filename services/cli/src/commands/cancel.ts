import type { Context } from '../context.ts';
import { forEachOf, withRun } from './naming.ts';

export async function cancelRuns(context: Context, ids: readonly string[]): Promise<void> {
  await forEachOf(ids, async (id) => {
    await withRun(context, id, () => context.client.runs.cancel(id));
    await context.print.done(id);
    context.hint(`Asked to cancel ${id}. See how it ends with \`${context.io.program} get run ${id}\`.`);
  });
}
