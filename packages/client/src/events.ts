import { type EventName, eventDataSchemas, type Job, type Run } from '@simple-scheduler/contracts';
import type { EventSourceMessage } from 'eventsource-parser';
import { ApiError, UnexpectedAnswerError, UnreachableError } from './errors.ts';
import type { CallOptions } from './jobs.ts';
import { messagesOf } from './event-messages.ts';
import type { StreamTransport } from './transport.ts';

export interface EventOptions extends CallOptions {
  /** Only this job and its runs. */
  readonly jobName?: string;
  /** The `id` of the last event that was seen: those after it come first. */
  readonly after?: string;
}

/** What happened. `id` is what to come back by; the last event of a record counts, and one may come twice. */
export type SchedulerEvent = { readonly id: string } & (
  | { readonly type: 'job.changed'; readonly job: Job }
  | { readonly type: 'job.deleted'; readonly name: string }
  | { readonly type: 'run.changed'; readonly run: Run }
  | { readonly type: 'run.deleted'; readonly runId: string }
  /** The stream is open: from here on nothing is missed. Again after each reconnection. */
  | { readonly type: 'ready'; readonly kinds: readonly ('job' | 'run')[] }
  /** Events are not to be had any more: read anew what you show. */
  | { readonly type: 'reset' }
);

/** Longest pause before another try. */
const PAUSE_MAX_MS = 30_000;
const RETRY_MS = 2_000;

/**
 * Events as they happen, for as long as they are asked for or until the signal. Reconnects by itself and goes on where it
 * was, once it has been connected; throws what `Transport` throws where it cannot begin, or is refused for good.
 */
export async function* followEvents(
  open: StreamTransport,
  { jobName, after, signal }: EventOptions,
): AsyncGenerator<SchedulerEvent, void> {
  const place: Place = { id: after, retryMs: RETRY_MS, connected: false };
  for (let failures = 0; ; failures += 1) {
    try {
      const response = await open({
        path: '/events',
        query: new URLSearchParams(jobName === undefined ? {} : { jobName }),
        headers: place.id === undefined ? {} : { 'last-event-id': place.id },
        signal,
      });
      for await (const event of eventsOf(response, place, signal)) {
        failures = 0;
        yield event;
      }
    } catch (error) {
      if (!place.connected || !maySucceedLater(error)) throw error;
      if (error instanceof ApiError) place.retryMs = Math.max(place.retryMs, error.retryAfterMs ?? 0);
    }
    await pause(Math.min(PAUSE_MAX_MS, place.retryMs * 2 ** Math.min(failures, 10)), signal);
  }
}

interface Place {
  id: string | undefined;
  retryMs: number;
  connected: boolean;
}

async function* eventsOf(
  response: Response,
  place: Place,
  signal: AbortSignal | undefined,
): AsyncGenerator<SchedulerEvent, void> {
  for await (const message of messagesOf(response, signal, {
    onId: (id) => (place.id = id),
    onRetry: (ms) => (place.retryMs = ms),
  })) {
    const event = eventOf(message, place.id ?? '', response.url);
    // A newer API may tell of more.
    if (event === undefined) continue;
    place.connected = true;
    yield event;
  }
}

function eventOf({ event: name, data }: EventSourceMessage, id: string, url: string): SchedulerEvent | undefined {
  if (name === undefined || !Object.hasOwn(eventDataSchemas, name)) return undefined;
  const schema = eventDataSchemas[name as EventName];
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw new UnexpectedAnswerError({ url, detail: `the data of an event ${name} is not JSON` });
  }
  // Fields that a newer API adds are kept.
  const read = schema.loose().safeParse(value);
  if (!read.success) throw new UnexpectedAnswerError({ url, detail: `an event ${name} is not valid` });
  return shaped(name as EventName, read.data, id);
}

function shaped(type: EventName, data: unknown, id: string): SchedulerEvent {
  switch (type) {
    case 'job.changed':
      return { type, id, job: data as Job };
    case 'run.changed':
      return { type, id, run: data as Run };
    case 'job.deleted':
      return { type, id, name: (data as { name: string }).name };
    case 'run.deleted':
      return { type, id, runId: (data as { id: string }).id };
    case 'ready':
      return { type, id, kinds: (data as { kinds: ('job' | 'run')[] }).kinds };
    case 'reset':
      return { type, id };
  }
}

function maySucceedLater(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 429 || error.status >= 500;
  return error instanceof UnreachableError;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
