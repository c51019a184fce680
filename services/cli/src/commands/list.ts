import type { JobFilter, Page, RunFilter } from '@simple-scheduler/client';
import { LIMITS } from '@simple-scheduler/contracts';
import type { RunStatus } from '@simple-scheduler/contracts';
import type { Context } from '../context.ts';
import { jobView } from '../output/job-view.ts';
import { runView } from '../output/run-view.ts';
import type { View } from '../output/view.ts';

export interface Extent {
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

export async function listJobs(context: Context, options: ListJobsOptions): Promise<void> {
  const { limit, all, ...filter } = options;
  await show(context, jobView, { limit, ...(all && { all }) }, (page) =>
    context.client.jobs.list({ ...(filter satisfies JobFilter), ...page }),
  );
}

export async function listRuns(context: Context, options: ListRunsOptions): Promise<void> {
  const { limit, all, job, ...rest } = options;
  const filter: RunFilter = job === undefined ? rest : { ...rest, jobName: job };
  await show(context, runView, { limit, ...(all && { all }) }, (page) =>
    context.client.runs.list({ ...filter, ...page }),
  );
}

type Load<T> = (page: { readonly limit: number; readonly cursor?: string }) => Promise<Page<T>>;

async function show<T>(context: Context, view: View<T>, extent: Extent, load: Load<T>): Promise<void> {
  let isCut = false;
  const most = extent.all ? Number.POSITIVE_INFINITY : extent.limit;
  const rows = upTo(most, load, () => {
    isCut = true;
  });
  const count = await context.print.list(view, rows);
  if (count === 0) context.hint(`No ${view.plural}.`);
  // Said to programs too: a list that ends early without a word would be taken for the whole.
  if (isCut) context.say(`Only the first ${count} ${view.plural} are listed: give --limit or --all for more.`);
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
