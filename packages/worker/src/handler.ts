import type { WorkerLog } from './log.ts';

/** One try at one run, as a handler gets it. */
export interface Run {
  readonly jobName: string;
  /** 24 lower-case hex characters; the same for every attempt and redelivery: an idempotency key. */
  readonly runId: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** The tick that this run is for; for a run asked for by hand, when that was. Absent where the scheduler did not say. */
  readonly scheduledAt?: Date;
  /** What the job, or whoever asked for the run, gave along; any JSON. */
  readonly payload: unknown;
  /** After this long the run will be cancelled; absent: never. */
  readonly executionTimeoutMs?: number;
  /** After this long without a heartbeat the run is given to somebody else; absent: never. */
  readonly heartbeatTimeoutMs?: number;
}

export interface RunContext {
  /** Aborted when the work should end early, with a `RunAbortedError` as its reason. Pass it on, or look at it. */
  readonly signal: AbortSignal;
  /** Shows life, and what is going on; besides the heartbeats that are sent anyway. Sent as often as makes sense. */
  heartbeat(message?: string): void;
  /** Shows how far the work is, 0 to 1; what lies outside is moved to the nearer end. */
  progress(fraction: number, message?: string): void;
  /** Logs with job, run and attempt. */
  readonly log: WorkerLog;
}

/**
 * Does the work of one run. What it returns, or resolves to, is the run's output: any JSON of at most 64 KiB (longer is
 * cut), or `undefined` for none. What it throws, or rejects with, fails the run; a `NoRetryError` or `RetryLaterError`
 * also says whether and when to try again.
 */
export type JobHandler = (run: Run, context: RunContext) => unknown;

/**
 * - `cancelled`: somebody cancelled the run, or it took too long;
 * - `superseded`: the scheduler gave this attempt up (no heartbeat came through) and a newer one has arrived here;
 * - `shutdown`: the worker stops and waits no longer.
 */
export type AbortReason = 'cancelled' | 'superseded' | 'shutdown';

const ABORT_TEXTS: Readonly<Record<AbortReason, string>> = {
  cancelled: 'the run was cancelled',
  superseded: 'a newer attempt of the run has arrived',
  shutdown: 'the worker is stopping',
};

/** The `reason` of a handler's signal; also what platform functions reject with that were given the signal. */
export class RunAbortedError extends Error {
  override readonly name = 'AbortError';
  readonly reason: AbortReason;

  constructor(reason: AbortReason) {
    super(ABORT_TEXTS[reason]);
    this.reason = reason;
  }
}
