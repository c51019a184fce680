import type { Context } from '../context.ts';
import { tickView } from '../output/tick-view.ts';
import { withJob } from './naming.ts';

export async function nextTicks(context: Context, name: string, options: { readonly count?: number }): Promise<void> {
  const ticks = await withJob(context, name, () => context.client.jobs.next(name, options));
  const count = await context.print.list(tickView, ticks);
  if (count === 0) context.hint(`${name} has no next tick.`);
}
