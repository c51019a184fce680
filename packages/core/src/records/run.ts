import type { Action, Reason, RetryBackoff, RunStatus, Trigger } from '@simple-scheduler/contracts/vocabulary';

/** An earlier attempt of a run. */
export interface AttemptRecord {
  readonly attempt: number;
  readonly startedAt?: number;
  readonly endedAt: number;
  readonly outcome: 'lost' | 'failed';
  readonly error?: string;
  readonly workerId?: string;
}

/**
 * A run as stores keep it. The record is its own outbox (`owes`) and its own alarm clock (`watchAt`), and holds the
 * job's only active place or one of its waiting places by `slot`, which is unique on every store: two active runs of
 * a job without concurrency cannot exist, whoever inserts them.
 */
export interface RunRecord {
  /** 12 hex characters of `createdAt` (ms), then 12 that make it unique: sorting by id sorts by creation. */
  readonly id: string;
  readonly jobName: string;
  readonly jobUid: string;
  /** `uid:epoch:tick` for runs and skips of a tick, unique; absent for runs that someone asked for. */
  readonly tickKey?: string;
  /** Grows by 1 with each update of the record, except by `markPublished`. */
  readonly rev: number;
  readonly status: RunStatus;
  readonly trigger: Trigger;
  readonly scheduledAt: number;
  readonly createdAt: number;
  readonly publishedAt?: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly heartbeatAt?: number;
  /** When `cancelling` began. */
  readonly cancellingAt?: number;
  readonly attempt: number;
  readonly attempts?: readonly AttemptRecord[];
  readonly nextRetryAt?: number;
  readonly reason?: Reason;
  readonly progress?: number;
  readonly message?: string;
  readonly output?: unknown;
  readonly error?: string;
  readonly workerId?: string;
  readonly parentRunId?: string;
  readonly payload?: unknown;
  /** `active`: `uid:a`; waiting: `uid:w<n>` with n below the job's `maxQueueCount`; absent: not limited, or ended. */
  readonly slot?: string;
  /** True while the run waits for the active one: admitted to the queue, not to the bus. */
  readonly waiting?: boolean;
  /** The action that the bus has not confirmed yet. */
  readonly owes?: Action;
  /** When something is due to this live run at the latest; absent when nothing is. See `core/run/watch.ts`. */
  readonly watchAt?: number;
  readonly workQueue?: string;
  /** Policies of the job at the time the run was made, ms. */
  readonly startTimeoutMs: number;
  readonly executionTimeoutMs: number;
  readonly cancelTimeoutMs: number;
  readonly heartbeatTimeoutMs: number;
  /** Retry policy of the job; absent: no retries. */
  readonly maxRetries?: number;
  readonly retryBackoff?: RetryBackoff;
  readonly retryDelayMs?: number;
  readonly retryMaxDelayMs?: number;
  /** Attempts that may be lost before the run fails; absent: no bound. */
  readonly maxRestarts?: number;
  /** A row of skipped ticks: `scheduledAt` is the first, `spanTo` the last, `spanCount` how many. */
  readonly spanTo?: number;
  readonly spanCount?: number;
}

/** Fields that a transition may change. */
export type RunMutable = Omit<
  RunRecord,
  | 'id'
  | 'jobName'
  | 'jobUid'
  | 'tickKey'
  | 'rev'
  | 'trigger'
  | 'scheduledAt'
  | 'createdAt'
  | 'parentRunId'
  | 'payload'
  | 'workQueue'
  | 'startTimeoutMs'
  | 'executionTimeoutMs'
  | 'cancelTimeoutMs'
  | 'heartbeatTimeoutMs'
  | 'maxRetries'
  | 'retryBackoff'
  | 'retryDelayMs'
  | 'retryMaxDelayMs'
  | 'maxRestarts'
  | 'spanTo'
  | 'spanCount'
>;
export type RunClearable =
  | 'publishedAt'
  | 'startedAt'
  | 'heartbeatAt'
  | 'cancellingAt'
  | 'nextRetryAt'
  | 'progress'
  | 'message'
  | 'error'
  | 'workerId'
  | 'slot'
  | 'waiting'
  | 'owes'
  | 'watchAt'
  | 'reason';

/** A change as data: what a transition decided. */
export interface RunChange {
  readonly set: Partial<RunMutable>;
  readonly unset: readonly RunClearable[];
}
