import type { Context } from '../context.ts';
import { tickView } from '../output/tick-view.ts';
import { withJob } from './naming.ts';
import { watch } from './watch.ts';
import type { WatchOptions } from './watch.ts';

export interface NextOptions extends WatchOptions {
  readonly count?: number;
}

export async function nextTicks(context: Context, name: string, options: NextOptions): Promise<void> {
  const { count: wanted, every, watch: isWatched } = options;
  const load = (): Promise<readonly string[]> =>
    withJob(context, name, () => context.client.jobs.next(name, wanted === undefined ? {} : { count: wanted }));
  if (!isWatched) {
    const count = await context.print.list(tickView, await load());
    if (count === 0) context.hint(`${name} has no next tick.`);
    return;
  }
  const watched = {
    view: tickView,
    // There are always more: one that is gone has come.
    look: async () => ({ items: await load(), isCut: false }),
    show: (print: Context['print'], { items }: { readonly items: readonly string[] }) => print.list(tickView, items),
  };
  await watch(context, watched, every);
}
