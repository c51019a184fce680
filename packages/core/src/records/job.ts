import type { MisfirePolicy, RetryBackoff } from '@simple-scheduler/contracts/vocabulary';

/**
 * A job as stores keep it. All times are epoch ms, all durations ms. Absent is absent, on every store.
 *
 * `uid` tells a job from an earlier one of the same name; `epoch` grows when a user changes the schedule or moves
 * `nextRunAt`. A tick is identified by (`uid`, `epoch`, its time), so that nothing but a wish to run again can make it run
 * again.
 */
export interface JobRecord {
  readonly name: string;
  /** 24 lower-case hex characters, new for each creation. */
  readonly uid: string;
  readonly epoch: number;
  /** Grows by 1 with each change that a user makes; the advance of `nextRunAt` is not one. */
  readonly revision: number;
  readonly description?: string;
  readonly enabled: boolean;
  readonly intervalMs?: number;
  /** A tick of the interval's grid. Present with `intervalMs`. */
  readonly anchorAt?: number;
  readonly cron?: string;
  readonly timezone: string;
  /** The next tick that is not settled yet; absent for jobs that only run when asked, and for once jobs that are done. */
  readonly nextRunAt?: number;
  readonly misfirePolicy: MisfirePolicy;
  readonly misfireLimit: number;
  readonly misfireGraceMs: number;
  readonly runStartTimeoutMs: number;
  readonly runExecutionTimeoutMs: number;
  readonly cancelTimeoutMs: number;
  readonly heartbeatTimeoutMs: number;
  /** Failures after which a run is tried again; absent or 0: none. */
  readonly maxRetries?: number;
  readonly retryBackoff?: RetryBackoff;
  readonly retryDelayMs?: number;
  readonly retryMaxDelayMs?: number;
  /** Lost attempts after which a run fails; absent or 0: no bound. */
  readonly maxRestarts?: number;
  /** No tick before and after these. */
  readonly startAt?: number;
  readonly endAt?: number;
  /** Ticks start up to this much later, each by an amount of its own; absent or 0: on time. */
  readonly jitterMs?: number;
  /** Newest run records that are kept, and how long ended ones are; 0: no bound, absent: the custodian's own. */
  readonly retentionCount?: number;
  readonly retentionAgeMs?: number;
  readonly allowConcurrentRuns: boolean;
  readonly maxQueueCount: number;
  /** Any JSON; `undefined` is absent, `null` is a value. */
  readonly payload?: unknown;
  readonly meta?: Readonly<Record<string, string>>;
  readonly workQueue?: string;
  readonly completedAt?: number;
  /**
   * First tick that is owed since the job was made, rescheduled or resumed: each tick of its schedule from here up to
   * `nextRunAt` has its record, as long as that is kept.
   */
  readonly owedFrom?: number;
  /** Records of ticks up to here may have been removed by retention. Set by `pruneRuns` only. */
  readonly prunedTo?: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The scheduler that holds the job; absent: it is free. Only a job that is enabled and has a `nextRunAt` is ever held. */
  readonly managerId?: string;
  /** Fencing token: grows with each taking, never goes down, not even when the job is freed. */
  readonly leaseToken: number;
}

/** Fields that an edit may change; `undefined` in `set` is not allowed, use `unset`. */
export type JobEditable = Omit<
  JobRecord,
  'name' | 'uid' | 'revision' | 'managerId' | 'leaseToken' | 'createdAt' | 'prunedTo'
>;
/** Those of them that a job may lack. */
export type JobOptional = {
  [Field in keyof JobEditable]-?: Record<never, never> extends Pick<JobEditable, Field> ? Field : never;
}[keyof JobEditable];

/** What a scheduler keeps of each job that it holds. */
export interface HeldJob {
  readonly name: string;
  readonly nextRunAt: number;
  readonly leaseToken: number;
}

/** A scheduler that registered itself. `heartbeatAt` is the database's time. */
export interface ManagerRecord {
  readonly id: string;
  readonly startedAt: number;
  readonly heartbeatAt: number;
  /** Most jobs that it takes; 0: no limit. */
  readonly maxJobs: number;
}
