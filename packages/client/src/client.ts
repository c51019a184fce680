import type { Status } from '@simple-scheduler/contracts';
import { readStatus } from './answers.ts';
import { followEvents } from './events.ts';
import type { EventOptions, SchedulerEvent } from './events.ts';
import { createJobs } from './jobs.ts';
import type { CallOptions, Jobs } from './jobs.ts';
import { createRuns } from './runs.ts';
import type { Runs } from './runs.ts';
import { createStreamTransport, createTransport } from './transport.ts';
import type { TransportOptions } from './transport.ts';

export type ClientOptions = TransportOptions;

/** The REST API of Simple Scheduler, typed. It keeps no state besides the options, and opens nothing until called. */
export interface Client {
  /** Whether the API answers, and its version; needs no token. */
  status(options?: CallOptions): Promise<Status>;
  readonly jobs: Jobs;
  readonly runs: Runs;
  /**
   * What happens to jobs and runs, as it happens, across reconnections; ends with the loop over it, or by throwing the
   * reason of the signal.
   */
  events(options?: EventOptions): AsyncIterable<SchedulerEvent>;
}

/** Throws a `TypeError` where `baseUrl` is not an http address. */
export function createClient(options: ClientOptions): Client {
  const send = createTransport(options);
  return {
    status: async ({ signal } = {}) =>
      readStatus(await send({ method: 'GET', path: '/status', authenticated: false, signal })),
    jobs: createJobs(send),
    runs: createRuns(send),
    events: (asked = {}) => followEvents(createStreamTransport(options), asked),
  };
}
