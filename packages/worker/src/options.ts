import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { LIMITS, NAME_PATTERN } from '@simple-scheduler/contracts';
import type { JobHandler } from './handler.ts';
import type { WorkerLog } from './log.ts';
import type { WorkerTransport } from './transport.ts';
import { TIMER_MAX_MS } from './waiting.ts';

/** Handlers by job name. In a work queue, `*` stands for every job that is not named. */
export type JobHandlers = Readonly<Record<string, JobHandler>>;

export interface WorkerOptions {
  /** `amqp://user:password@host:port/vhost` or `amqps://…`. Either this or `transport`. */
  readonly url?: string;
  /** Another way to the scheduler, such as the in-process bus. The worker opens and closes it. */
  readonly transport?: WorkerTransport;
  /** Jobs with queues of their own. */
  readonly jobs?: JobHandlers;
  /** Work queues (the `workQueue` of jobs), with handlers for every job that uses them: other jobs' runs fail. */
  readonly queues?: Readonly<Record<string, { readonly jobs: JobHandlers }>>;
  /** Runs at a time, over all jobs. Default 10. */
  readonly concurrency?: number;
  /** Shown with the runs. Default: host, process id and some chance. */
  readonly workerId?: string;
  /** Longest time between two heartbeats of a run. Default: a third of its heartbeat timeout; none where it has none. */
  readonly heartbeatIntervalMs?: number;
  /** Ends of runs that may wait for their confirm, together with the runs that go on, before no new runs are taken. Default 1,000. */
  readonly maxUnconfirmed?: number;
  /** A pino logger fits. Default: warnings and errors on standard error. */
  readonly logger?: WorkerLog;
  /**
   * On SIGTERM and SIGINT: stop, then end the process with 0, once all its workers with this option have stopped; a second
   * signal ends it at once. Default false.
   */
  readonly handleSignals?: boolean;
  /** `timeoutMs` of a stop that does not name one, so also of one by signal. Default 10,000. */
  readonly stopTimeoutMs?: number;
}

/** Options with their defaults, checked. */
export interface WorkerSettings {
  readonly url: string | undefined;
  readonly transport: WorkerTransport | undefined;
  readonly jobs: ReadonlyMap<string, JobHandler>;
  readonly queues: ReadonlyMap<string, ReadonlyMap<string, JobHandler>>;
  readonly concurrency: number;
  readonly workerId: string;
  readonly heartbeatIntervalMs: number | undefined;
  readonly maxUnconfirmed: number;
  readonly stopTimeoutMs: number;
}

export const ANY_JOB = '*';

/** @throws TypeError that names every option that is wrong. */
export function settingsOf(options: WorkerOptions): WorkerSettings {
  const problems: string[] = [];
  const must = (isRight: boolean, problem: string): void => {
    if (!isRight) problems.push(problem);
  };
  const settings: WorkerSettings = {
    url: options.url,
    transport: options.transport,
    jobs: handlersOf('jobs', options.jobs ?? {}, must),
    queues: queuesOf(options.queues ?? {}, must),
    concurrency: options.concurrency ?? 10,
    workerId: options.workerId ?? `${hostname()}:${process.pid}:${randomBytes(3).toString('hex')}`,
    heartbeatIntervalMs: options.heartbeatIntervalMs,
    maxUnconfirmed: options.maxUnconfirmed ?? 1_000,
    stopTimeoutMs: options.stopTimeoutMs ?? 10_000,
  };
  must((settings.url === undefined) !== (settings.transport === undefined), 'give either url or transport');
  must(settings.jobs.size + settings.queues.size > 0, 'jobs or queues must name at least one job');
  must(isWhole(settings.concurrency, 1, 10_000), 'concurrency must be a whole number from 1 to 10,000');
  must(
    settings.workerId !== '' && settings.workerId.length <= LIMITS.labelChars,
    `workerId must have 1 to ${LIMITS.labelChars} characters`,
  );
  must(
    settings.heartbeatIntervalMs === undefined || isWhole(settings.heartbeatIntervalMs, 1, TIMER_MAX_MS),
    'heartbeatIntervalMs must be a whole number of milliseconds, at least 1',
  );
  must(isWhole(settings.maxUnconfirmed, 1, 1_000_000), 'maxUnconfirmed must be a whole number, at least 1');
  must(isWhole(settings.stopTimeoutMs, 0, TIMER_MAX_MS), 'stopTimeoutMs must be a whole number of milliseconds');
  if (problems.length > 0) throw new TypeError(`The worker's options are wrong: ${problems.join('; ')}`);
  return settings;
}

type Must = (isRight: boolean, problem: string) => void;

function queuesOf(
  queues: NonNullable<WorkerOptions['queues']>,
  must: Must,
): ReadonlyMap<string, ReadonlyMap<string, JobHandler>> {
  return new Map(
    Object.entries(queues).map(([queue, { jobs }]) => {
      must(NAME_PATTERN.test(queue), `queues: "${queue}" is not a name`);
      const handlers = handlersOf(`queues.${queue}.jobs`, jobs ?? {}, must, ANY_JOB);
      must(handlers.size > 0, `queues.${queue}.jobs must name at least one job`);
      return [queue, handlers];
    }),
  );
}

function handlersOf(path: string, handlers: JobHandlers, must: Must, also?: string): ReadonlyMap<string, JobHandler> {
  for (const [name, handler] of Object.entries(handlers)) {
    must(name === also || NAME_PATTERN.test(name), `${path}: "${name}" is not a job name`);
    must(typeof handler === 'function', `${path}.${name} must be a function`);
  }
  return new Map(Object.entries(handlers));
}

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
