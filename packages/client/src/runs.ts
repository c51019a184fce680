import { RUN_ID_PATTERN } from '@simple-scheduler/contracts';
import type { Run, RunStatus } from '@simple-scheduler/contracts';
import { readRun, readRuns } from './answers.ts';
import type { CallOptions, PageOptions } from './jobs.ts';
import { eachItem, toPage } from './paging.ts';
import type { Page } from './paging.ts';
import type { Transport } from './transport.ts';

export interface RunFilter {
  readonly jobName?: string;
  /** Runs in any of these. */
  readonly status?: readonly RunStatus[];
  /** RFC 3339; included. */
  readonly createdAfter?: string;
  /** RFC 3339, as the next two; excluded. */
  readonly createdBefore?: string;
  readonly startedBefore?: string;
  readonly heartbeatBefore?: string;
}

/** The routes below `/runs`, newest first. Each throws as `Transport` does, and a `RangeError` for what is no run id. */
export interface Runs {
  list(filter?: RunFilter & PageOptions): Promise<Page<Run>>;
  /** All runs that match, page by page; `limit` is the size of a page. */
  each(filter?: RunFilter & Omit<PageOptions, 'cursor'>): AsyncIterable<Run>;
  get(id: string, options?: CallOptions): Promise<Run>;
  /** Asks for the cancellation; the run is cancelled once its worker says so, or its `cancelTimeout` has passed. */
  cancel(id: string, options?: CallOptions): Promise<void>;
  /** The new run. */
  retry(id: string, options?: CallOptions & { readonly idempotencyKey?: string }): Promise<Run>;
}

export function createRuns(send: Transport): Runs {
  const list: Runs['list'] = async (filter = {}) => {
    const answer = await send({ method: 'GET', path: '/runs', query: runsQuery(filter), signal: filter.signal });
    return toPage(answer, readRuns(answer));
  };
  return {
    list,
    each: (filter = {}) => eachItem((cursor) => list(cursor === undefined ? filter : { ...filter, cursor })),
    get: async (id, { signal } = {}) => readRun(await send({ method: 'GET', path: runPath(id), signal })),
    cancel: async (id, { signal } = {}) => {
      await send({ method: 'POST', path: `${runPath(id)}/cancel`, signal });
    },
    retry: async (id, { idempotencyKey, signal } = {}) => {
      const headers: Record<string, string> = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
      return readRun(await send({ method: 'POST', path: `${runPath(id)}/retry`, headers, signal }));
    },
  };
}

function runPath(id: string): string {
  if (!RUN_ID_PATTERN.test(id)) throw new RangeError(`${JSON.stringify(id)} can't be the id of a run`);
  return `/runs/${id}`;
}

function runsQuery(filter: RunFilter & PageOptions): URLSearchParams {
  const query = new URLSearchParams();
  if (filter.limit !== undefined) query.set('limit', String(filter.limit));
  for (const key of [
    'cursor',
    'jobName',
    'createdAfter',
    'createdBefore',
    'startedBefore',
    'heartbeatBefore',
  ] as const) {
    const value = filter[key];
    if (value !== undefined) query.set(key, value);
  }
  if (filter.status?.length) query.set('status', filter.status.join(','));
  return query;
}
