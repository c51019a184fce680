import { isLive } from '@simple-scheduler/contracts';
import type { Context } from '../context.ts';
import { jobView } from '../output/job-view.ts';
import { runView } from '../output/run-view.ts';
import type { View } from '../output/view.ts';
import { withJob, withRun } from './naming.ts';
import { watch } from './watch.ts';
import type { WatchOptions } from './watch.ts';

export async function getJob(context: Context, name: string, options: WatchOptions): Promise<void> {
  await show(context, jobView, () => withJob(context, name, () => context.client.jobs.get(name)), options);
}

/** A run that is watched is watched until it has ended. */
export async function getRun(context: Context, id: string, options: WatchOptions): Promise<void> {
  const load = (): ReturnType<Context['client']['runs']['get']> =>
    withRun(context, id, () => context.client.runs.get(id));
  await show(context, runView, load, options, ({ status }) => !isLive(status));
}

async function show<T extends object>(
  context: Context,
  view: View<T>,
  load: () => Promise<T>,
  options: WatchOptions,
  hasEnded: (item: T) => boolean = () => false,
): Promise<void> {
  if (!options.watch) return context.print.details(view, await load());
  const watched = {
    view,
    look: async () => ({ items: [await load()], isCut: false }),
    show: async (print: Context['print'], { items }: { readonly items: readonly T[] }) => {
      for (const item of items) await print.details(view, item);
    },
    isOver: ({ items }: { readonly items: readonly T[] }) => items.every(hasEnded),
  };
  await watch(context, watched, options.every);
}
