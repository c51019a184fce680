import { NAME_PATTERN } from '@simple-scheduler/contracts';
import type { Job, JobInput, JobPatch, NextTicks, Run, Tick } from '@simple-scheduler/contracts';
import { readJob, readJobs, readNextTicks, readRun, readTicks } from './answers.ts';
import { eachItem, toPage } from './paging.ts';
import type { Page } from './paging.ts';
import type { Transport } from './transport.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface JobFilter {
  /** A name, or the beginning of one followed by `*`. */
  readonly name?: string;
  readonly enabled?: boolean;
  /** Labels that a job must carry, all of them. */
  readonly meta?: Readonly<Record<string, string>>;
}

export interface PageOptions extends CallOptions {
  /** Rows of a page, 1 to 500. */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface WriteOptions extends CallOptions {
  /** Write only if the job still has this ETag; 412 otherwise. */
  readonly ifMatch?: string;
}

export interface RunNowOptions extends CallOptions {
  /** Replaces the job's payload for this run. */
  readonly payload?: unknown;
  /** Makes a repeated call answer with the first one's run. */
  readonly idempotencyKey?: string;
}

export interface TickWindow {
  /** RFC 3339; default: 24 hours before `to`. */
  readonly from?: string;
  /** RFC 3339; default: now, or 24 hours after a `from` that is to come. */
  readonly to?: string;
}

/** The routes below `/jobs`. Each throws as `Transport` does, and a `RangeError` for what can't be a job's name. */
export interface Jobs {
  list(filter?: JobFilter & PageOptions): Promise<Page<Job>>;
  /** All jobs that match, page by page; `limit` is the size of a page. */
  each(filter?: JobFilter & Omit<PageOptions, 'cursor'>): AsyncIterable<Job>;
  get(name: string, options?: CallOptions): Promise<Job>;
  /** The job and the ETag to give as `ifMatch`. */
  getTagged(name: string, options?: CallOptions): Promise<{ readonly job: Job; readonly etag: string | undefined }>;
  create(job: JobInput, options?: CallOptions): Promise<Job>;
  /** Changes what is given; `null` clears a field. */
  update(name: string, patch: JobPatch, options?: WriteOptions): Promise<Job>;
  /** Creates the job, or replaces the whole of it. */
  put(name: string, job: Omit<JobInput, 'name'>, options?: WriteOptions): Promise<{ job: Job; created: boolean }>;
  delete(name: string, options?: WriteOptions): Promise<void>;
  pause(name: string, options?: CallOptions): Promise<Job>;
  resume(name: string, options?: CallOptions): Promise<Job>;
  run(name: string, options?: RunNowOptions): Promise<Run>;
  /** The next ticks, earliest first, RFC 3339; `count` 1 to 1,000, default 10. */
  next(name: string, options?: CallOptions & { readonly count?: number }): Promise<NextTicks>;
  /** What became of the job's ticks in a window, oldest first, and which are still to come. */
  ticks(name: string, window?: TickWindow & PageOptions): Promise<Page<Tick>>;
  /** All ticks of the window, page by page; `limit` is the size of a page. */
  eachTick(name: string, window?: TickWindow & Omit<PageOptions, 'cursor'>): AsyncIterable<Tick>;
}

export function createJobs(send: Transport): Jobs {
  const list: Jobs['list'] = async (filter = {}) => {
    const answer = await send({ method: 'GET', path: '/jobs', query: jobsQuery(filter), signal: filter.signal });
    return toPage(answer, readJobs(answer));
  };
  const getTagged: Jobs['getTagged'] = async (name, { signal } = {}) => {
    const answer = await send({ method: 'GET', path: jobPath(name), signal });
    return { job: readJob(answer), etag: answer.headers.get('etag') ?? undefined };
  };
  const ticks: Jobs['ticks'] = async (name, window = {}) => {
    const path = `${jobPath(name)}/ticks`;
    const answer = await send({ method: 'GET', path, query: ticksQuery(window), signal: window.signal });
    return toPage(answer, readTicks(answer));
  };
  const act = async (name: string, verb: string, signal?: AbortSignal): Promise<Job> =>
    readJob(await send({ method: 'POST', path: `${jobPath(name)}/${verb}`, signal }));
  return {
    list,
    each: (filter = {}) => eachItem((cursor) => list(cursor === undefined ? filter : { ...filter, cursor })),
    get: async (name, options) => (await getTagged(name, options)).job,
    getTagged,
    create: async (job, { signal } = {}) => readJob(await send({ method: 'POST', path: '/jobs', body: job, signal })),
    update: async (name, patch, options = {}) => {
      const headers = { prefer: 'return=representation', ...ifMatch(options) };
      const answer = await send({ method: 'PATCH', path: jobPath(name), body: patch, headers, signal: options.signal });
      // A preference may be ignored (RFC 7240).
      return answer.body === undefined ? (await getTagged(name, options)).job : readJob(answer);
    },
    put: async (name, job, options = {}) => {
      const request = { path: jobPath(name), body: job, headers: ifMatch(options), signal: options.signal };
      const answer = await send({ method: 'PUT', ...request });
      return { job: readJob(answer), created: answer.status === 201 };
    },
    delete: async (name, options = {}) => {
      await send({ method: 'DELETE', path: jobPath(name), headers: ifMatch(options), signal: options.signal });
    },
    pause: (name, { signal } = {}) => act(name, 'pause', signal),
    resume: (name, { signal } = {}) => act(name, 'resume', signal),
    run: async (name, { payload, idempotencyKey, signal } = {}) => {
      const headers: Record<string, string> = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
      const body = payload === undefined ? {} : { payload };
      return readRun(await send({ method: 'POST', path: `${jobPath(name)}/run`, body, headers, signal }));
    },
    ticks,
    eachTick: (name, window = {}) =>
      eachItem((cursor) => ticks(name, cursor === undefined ? window : { ...window, cursor })),
    next: async (name, { count, signal } = {}) => {
      const query = new URLSearchParams(count === undefined ? {} : { count: String(count) });
      return readNextTicks(await send({ method: 'GET', path: `${jobPath(name)}/next`, query, signal }));
    },
  };
}

function ticksQuery(window: TickWindow & PageOptions): URLSearchParams {
  const query = new URLSearchParams();
  if (window.limit !== undefined) query.set('limit', String(window.limit));
  for (const key of ['cursor', 'from', 'to'] as const) {
    const value = window[key];
    if (value !== undefined) query.set(key, value);
  }
  return query;
}

/** Only what matches the pattern goes into a path: `..` would lead to another route, encoded or not. */
function jobPath(name: string): string {
  if (!NAME_PATTERN.test(name)) throw new RangeError(`${JSON.stringify(name)} can't be the name of a job`);
  return `/jobs/${name}`;
}

function ifMatch(options: WriteOptions): Record<string, string> {
  return options.ifMatch === undefined ? {} : { 'if-match': options.ifMatch };
}

function jobsQuery(filter: JobFilter & PageOptions): URLSearchParams {
  const query = new URLSearchParams();
  if (filter.limit !== undefined) query.set('limit', String(filter.limit));
  if (filter.cursor !== undefined) query.set('cursor', filter.cursor);
  if (filter.name !== undefined) query.set('name', filter.name);
  if (filter.enabled !== undefined) query.set('enabled', String(filter.enabled));
  for (const [key, value] of Object.entries(filter.meta ?? {})) query.set(`meta.${key}`, value);
  return query;
}
