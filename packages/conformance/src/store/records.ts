import type { JobRecord, RunRecord } from '@simple-scheduler/core';
import type { RequestRecord } from '@simple-scheduler/engine';

/** Where the clocks of the records start: 2026-01-01. */
export const T0 = 1_767_225_600_000;

let serial = 0;

/** 24 hex characters that no other call returns in this process, for uids and manager ids. */
export function newUid(): string {
  serial += 1;
  return `${'abcdef123456'}${serial.toString(16).padStart(12, '0')}`;
}

/** A run id of this moment; later calls of the same moment give greater ids. */
export function newRunId(createdAt: number): string {
  serial += 1;
  return `${createdAt.toString(16).padStart(12, '0')}${serial.toString(16).padStart(12, '0')}`;
}

/** An enabled, free interval job that can be taken. */
export function jobRecord(overrides: Partial<JobRecord> = {}): JobRecord {
  const uid = overrides.uid ?? newUid();
  return {
    name: `job-${uid.slice(-6)}`,
    uid,
    epoch: 0,
    revision: 1,
    enabled: true,
    intervalMs: 60_000,
    anchorAt: T0,
    timezone: 'UTC',
    nextRunAt: T0 + 60_000,
    misfirePolicy: 'fire_once',
    misfireLimit: 100,
    misfireGraceMs: 60_000,
    runStartTimeoutMs: 0,
    runExecutionTimeoutMs: 0,
    cancelTimeoutMs: 60_000,
    heartbeatTimeoutMs: 0,
    allowConcurrentRuns: false,
    maxQueueCount: 0,
    createdAt: T0,
    updatedAt: T0,
    leaseToken: 0,
    ...overrides,
  };
}

/** A job with every optional field that a free job can have. No real job has them all; a store must not care. */
export function fullJobRecord(overrides: Partial<JobRecord> = {}): JobRecord {
  const full: Required<Omit<JobRecord, 'managerId'>> = {
    ...(jobRecord(overrides) as ReturnType<typeof jobRecord> & {
      intervalMs: number;
      anchorAt: number;
      nextRunAt: number;
    }),
    description: 'Mails the report',
    cron: '30 8 * * 1-5',
    maxRetries: 3,
    retryBackoff: 'exponential',
    retryDelayMs: 1_000,
    retryMaxDelayMs: 60_000,
    maxRestarts: 5,
    startAt: T0 - 1,
    endAt: T0 + 1_000_000,
    jitterMs: 250,
    retentionCount: 100,
    retentionAgeMs: 86_400_000,
    owedFrom: T0 + 60_000,
    prunedTo: T0 - 60_000,
    payload: { to: ['team', 'boss'], copies: 2, draft: false, note: null },
    meta: { team: 'billing', tier: '1' },
    workQueue: 'mail',
    completedAt: T0 + 5,
  };
  return { ...full, ...overrides };
}

/** A pending run of a tick, not limited by slots, that owes its action. */
export function runRecord(overrides: Partial<RunRecord> = {}): RunRecord {
  const createdAt = overrides.createdAt ?? T0;
  const jobUid = overrides.jobUid ?? newUid();
  const id = overrides.id ?? newRunId(createdAt);
  return {
    id,
    jobName: `job-${jobUid.slice(-6)}`,
    jobUid,
    tickKey: `${jobUid}:0:${id}`,
    rev: 0,
    status: 'pending',
    trigger: 'schedule',
    scheduledAt: createdAt,
    createdAt,
    attempt: 1,
    owes: 'run',
    startTimeoutMs: 0,
    executionTimeoutMs: 0,
    cancelTimeoutMs: 60_000,
    heartbeatTimeoutMs: 0,
    ...overrides,
  };
}

/** A run with every optional field. No real run has them all at once; a store must not care. */
export function fullRunRecord(overrides: Partial<RunRecord> = {}): RunRecord {
  const base = runRecord(overrides);
  const full: Required<RunRecord> = {
    ...base,
    tickKey: base.tickKey ?? `${base.jobUid}:0:${base.id}`,
    status: 'running',
    trigger: 'misfire',
    publishedAt: T0 + 1,
    startedAt: T0 + 2,
    endedAt: T0 + 9,
    heartbeatAt: T0 + 3,
    cancellingAt: T0 + 4,
    attempt: 3,
    attempts: [
      { attempt: 1, endedAt: T0 + 1, outcome: 'failed', error: 'no luck', workerId: 'w1', startedAt: T0 },
      { attempt: 2, endedAt: T0 + 2, outcome: 'lost' },
    ],
    nextRetryAt: T0 + 100,
    reason: 'execution_timeout',
    progress: 0.25,
    message: 'half of it',
    output: { rows: [1, 2, 3] },
    error: 'broken',
    workerId: 'w2',
    parentRunId: newRunId(T0),
    payload: { n: 1 },
    slot: `${base.jobUid}:a`,
    waiting: true,
    owes: 'cancel',
    watchAt: T0 + 1_000,
    workQueue: 'mail',
    maxRetries: 3,
    retryBackoff: 'fixed',
    retryDelayMs: 1_000,
    retryMaxDelayMs: 60_000,
    maxRestarts: 5,
    spanTo: T0 + 50,
    spanCount: 12,
  };
  return { ...full, ...overrides };
}

/** A request without an answer. */
export function requestRecord(overrides: Partial<RequestRecord> = {}): RequestRecord {
  const createdAt = overrides.createdAt ?? T0;
  const runId = newRunId(createdAt);
  return { id: `${newUid()}:run:0f`, fingerprint: 'f00d', runId, createdAt, ...overrides };
}

/** The record without these fields: absent is absent. */
export function without<R extends object, K extends keyof R>(record: R, ...fields: readonly K[]): Omit<R, K> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !fields.includes(key as K))) as Omit<R, K>;
}
