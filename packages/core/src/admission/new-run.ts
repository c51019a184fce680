import type { Trigger } from '@simple-scheduler/contracts/vocabulary';
import type { JobRecord, RunRecord } from '../records/index.ts';
import { PUBLISH_GRACE_MS, WAITING_CHECK_MS } from '../run/deadlines.ts';
import { without } from '../run/record.ts';
import { type Admission, activeSlot } from './admit.ts';

export interface RunRequest {
  readonly id: string;
  readonly now: number;
  /** When it is inserted, where that is later: its publisher's grace begins then. */
  readonly insertedAt?: number;
  /** What the id says, where that is not now. */
  readonly createdAt?: number;
  readonly trigger: Trigger;
  readonly scheduledAt: number;
  readonly tickKey?: string;
  /** Replaces the job's payload; `null` is a payload. */
  readonly payload?: unknown;
  readonly parentRunId?: string;
}

/**
 * Identity of a tick: the same for everyone who comes upon it. Padded, so that the keys of a job's epoch sort by time
 * (epoch ms has at most 15 digits until the year 9999).
 */
export const tickKey = (job: Epoch, tickAt: number): string => epochOf(job) + String(tickAt).padStart(15, '0');

/** Whether this is the key of a tick that the job has, or had, in its present epoch. */
export const isTickOf = (key: string | undefined, job: Epoch): boolean => key?.startsWith(epochOf(job)) ?? false;

type Epoch = Pick<JobRecord, 'uid' | 'epoch'>;
const epochOf = ({ uid, epoch }: Epoch): string => `${uid}:${epoch}:`;

/** A run as it is inserted, by what its admission said. */
export function newRun(job: JobRecord, request: RunRequest, admission: Admission): RunRecord {
  const base = baseRun(job, request);
  switch (admission.kind) {
    case 'skip':
      return { ...base, status: 'skipped', reason: 'overlap', endedAt: request.now };
    case 'wait':
      return { ...base, waiting: true, slot: admission.slot, watchAt: request.now + WAITING_CHECK_MS };
    case 'start':
      return {
        ...base,
        ...(admission.slot === undefined ? {} : { slot: admission.slot }),
        owes: 'run',
        watchAt: (request.insertedAt ?? request.now) + PUBLISH_GRACE_MS,
      };
  }
}

/** The record of a tick, or a row of ticks, that the misfire policy left out. */
export function misfireRecord(
  job: JobRecord,
  request: RunRequest,
  span?: { readonly to: number; readonly count: number },
): RunRecord {
  const base: RunRecord = { ...baseRun(job, request), status: 'skipped', reason: 'misfire', endedAt: request.now };
  return span === undefined ? base : { ...base, spanTo: span.to, spanCount: span.count };
}

/** A waiting run that takes the active place. */
export function promoted(run: RunRecord, now: number): RunRecord {
  return { ...released(run, now), slot: activeSlot(run.jobUid) };
}

/** A waiting run whose job has come to let runs overlap: it starts beside the others, and takes no place. */
export function released(run: RunRecord, now: number): RunRecord {
  return { ...without(run, 'waiting', 'slot'), owes: 'run', watchAt: now + PUBLISH_GRACE_MS };
}

function baseRun(job: JobRecord, request: RunRequest): RunRecord {
  const payload = request.payload === undefined ? job.payload : request.payload;
  return {
    id: request.id,
    jobName: job.name,
    jobUid: job.uid,
    ...(request.tickKey === undefined ? {} : { tickKey: request.tickKey }),
    rev: 0,
    status: 'pending',
    trigger: request.trigger,
    scheduledAt: request.scheduledAt,
    createdAt: request.createdAt ?? request.now,
    attempt: 1,
    ...(payload === undefined ? {} : { payload }),
    ...(job.workQueue === undefined ? {} : { workQueue: job.workQueue }),
    ...(request.parentRunId === undefined ? {} : { parentRunId: request.parentRunId }),
    startTimeoutMs: job.runStartTimeoutMs,
    executionTimeoutMs: job.runExecutionTimeoutMs,
    cancelTimeoutMs: job.cancelTimeoutMs,
    heartbeatTimeoutMs: job.heartbeatTimeoutMs,
    ...retryPolicy(job),
  };
}

/** Only what is set: most runs have none of it, and each is stored with each run. */
function retryPolicy(job: JobRecord): Partial<RunRecord> {
  return {
    ...(job.maxRetries
      ? {
          maxRetries: job.maxRetries,
          ...(job.retryBackoff === undefined ? {} : { retryBackoff: job.retryBackoff }),
          ...(job.retryDelayMs === undefined ? {} : { retryDelayMs: job.retryDelayMs }),
          ...(job.retryMaxDelayMs === undefined ? {} : { retryMaxDelayMs: job.retryMaxDelayMs }),
        }
      : {}),
    ...(job.maxRestarts ? { maxRestarts: job.maxRestarts } : {}),
  };
}
