import { isLive } from '@simple-scheduler/contracts';
import type { Run } from '@simple-scheduler/contracts';
import type { Context } from '../context.ts';
import { runView } from '../output/run-view.ts';
import { withRun } from './naming.ts';
import { watch } from './watch.ts';

/** Watches runs until all of them have ended: one with all its fields, several as a list. */
export async function followRuns(context: Context, ids: readonly string[], everyMs: number): Promise<void> {
  if (ids.length === 0) return;
  const look = async (): Promise<{ items: Run[]; isCut: boolean }> => {
    const items = [];
    for (const id of ids) items.push(await withRun(context, id, () => context.client.runs.get(id)));
    return { items, isCut: false };
  };
  await watch<Run>(
    context,
    {
      view: runView,
      look,
      show: async (print, { items }) => {
        const [first, second] = items;
        if (first !== undefined && second === undefined) await print.details(runView, first);
        else await print.list(runView, items);
      },
      isOver: ({ items }) => items.every(({ status }) => !isLive(status)),
    },
    everyMs,
  );
}
