import type { JobFilter, Page, RunFilter } from '@simple-scheduler/client';
import { LIMITS } from '@simple-scheduler/contracts';
import type { RunStatus } from '@simple-scheduler/contracts';
import type { Context } from '../context.ts';
import { jobView } from '../output/job-view.ts';
import { ledgerView } from '../output/ledger-view.ts';
import { runView } from '../output/run-view.ts';
import type { View } from '../output/view.ts';
import { hintAtMissingJob, withJob } from './naming.ts';
import { watch as watchFor } from './watch.ts';
import type { Watched, WatchOptions } from './watch.ts';

export interface Extent extends WatchOptions {
  readonly limit: number;
  readonly all?: true;
}

export interface ListJobsOptions extends Extent {
  readonly name?: string;
  readonly enabled?: boolean;
  readonly meta?: Record<string, string>;
}

export interface ListRunsOptions extends Extent {
  readonly job?: string;
  readonly status?: RunStatus[];
  readonly createdBefore?: string;
  readonly startedBefore?: string;
  readonly heartbeatBefore?: string;
}

export interface ListTicksOptions extends Extent {
  readonly from?: string;
  readonly to?: string;
}

export async function listJobs(context: Context, options: ListJobsOptions): Promise<void> {
  const { limit, all, watch, every, ...filter } = options;
  await show(context, jobView, { limit, every, ...(all && { all }), ...(watch && { watch }) }, (page) =>
    context.client.jobs.list({ ...(filter satisfies JobFilter), ...page }),
  );
}

export async function listRuns(context: Context, options: ListRunsOptions): Promise<void> {
  const { limit, all, watch, every, job, ...rest } = options;
  const filter: RunFilter = job === undefined ? rest : { ...rest, jobName: job };
  const count = await show(context, runView, { limit, every, ...(all && { all }), ...(watch && { watch }) }, (page) =>
    context.client.runs.list({ ...filter, ...page }),
  );
  if (count === 0 && job !== undefined) await hintAtMissingJob(context, job);
}

export async function listTicks(context: Context, name: string, options: ListTicksOptions): Promise<void> {
  const { limit, all, watch, every, ...window } = options;
  await show(context, ledgerView, { limit, every, ...(all && { all }), ...(watch && { watch }) }, (page) =>
    withJob(context, name, () => context.client.jobs.ticks(name, { ...window, ...page })),
  );
}

type Load<T> = (page: { readonly limit: number; readonly cursor?: string }) => Promise<Page<T>>;

/** Says how many were listed; nothing where they were watched. */
async function show<T extends object>(
  context: Context,
  view: View<T>,
  extent: Extent,
  load: Load<T>,
): Promise<number | undefined> {
  if (extent.watch) {
    await watchList(context, view, extent, load);
    return undefined;
  }
  let isCut = false;
  const most = extent.all ? Number.POSITIVE_INFINITY : extent.limit;
  const rows = upTo(most, load, () => {
    isCut = true;
  });
  const count = await context.print.list(view, rows);
  if (count === 0) context.hint(`No ${view.plural}.`);
  // Said to programs too: a list that ends early without a word would be taken for the whole.
  if (isCut) {
    const these = count === 1 ? `of the ${view.plural} is` : `${count} ${view.plural} are`;
    context.say(`Only the first ${these} listed: give --limit or --all for more.`);
  }
  return count;
}

async function watchList<T extends object>(
  context: Context,
  view: View<T>,
  extent: Extent,
  load: Load<T>,
): Promise<void> {
  const most = extent.all ? Number.POSITIVE_INFINITY : extent.limit;
  const watched: Watched<T> = {
    view,
    look: async () => {
      let isCut = false;
      const items: T[] = [];
      const rows = upTo(most, load, () => {
        isCut = true;
      });
      for await (const item of rows) items.push(item);
      return { items, isCut };
    },
    show: (print, { items }) => print.list(view, items),
  };
  await watchFor(context, watched, extent.every);
}

/** Rows of as many pages as it takes; tells where the limit cut the list. */
async function* upTo<T>(most: number, load: Load<T>, cut: () => void): AsyncGenerator<T, void> {
  let left = most;
  let cursor: string | undefined;
  do {
    const limit = Math.min(left, LIMITS.pageMax);
    const page: Page<T> = await load(cursor === undefined ? { limit } : { limit, cursor });
    yield* page.items.slice(0, left);
    left -= page.items.length;
    cursor = page.next;
  } while (cursor !== undefined && left > 0);
  if (cursor !== undefined || left < 0) cut();
}
