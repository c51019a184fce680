import type { JobEditable, JobOptional, JobRecord } from '@simple-scheduler/core';
import { equalJson } from './equal-json.ts';

/** Every one, or it does not compile: an edit of what is missing here would be answered, and not written. */
const OPTIONAL_FIELDS: Readonly<Record<JobOptional, true>> = {
  description: true,
  intervalMs: true,
  anchorAt: true,
  cron: true,
  nextRunAt: true,
  payload: true,
  meta: true,
  workQueue: true,
  completedAt: true,
  startAt: true,
  endAt: true,
  maxRetries: true,
  retryBackoff: true,
  retryDelayMs: true,
  retryMaxDelayMs: true,
  maxRestarts: true,
  jitterMs: true,
  retentionCount: true,
  retentionAgeMs: true,
  owedFrom: true,
};
/** `updatedAt` is no difference: it goes with one. */
const EDITABLE_FIELDS: Readonly<Record<Exclude<keyof JobEditable, 'updatedAt'>, true>> = {
  ...OPTIONAL_FIELDS,
  epoch: true,
  enabled: true,
  timezone: true,
  misfirePolicy: true,
  misfireLimit: true,
  misfireGraceMs: true,
  runStartTimeoutMs: true,
  runExecutionTimeoutMs: true,
  cancelTimeoutMs: true,
  heartbeatTimeoutMs: true,
  allowConcurrentRuns: true,
  maxQueueCount: true,
};
const OPTIONAL = Object.keys(OPTIONAL_FIELDS) as readonly JobOptional[];
const EDITABLE = Object.keys(EDITABLE_FIELDS) as readonly (keyof typeof EDITABLE_FIELDS)[];

export interface JobDifference {
  readonly set: Partial<JobEditable>;
  readonly unset: readonly JobOptional[];
}

/** What to write to turn `before` into `after`; null where they are the same job. */
export function differenceOf(before: JobRecord, after: JobRecord): JobDifference | null {
  const changed = EDITABLE.filter((field) => !equalJson(before[field], after[field]));
  if (changed.length === 0) return null;
  const set = Object.fromEntries(
    changed.flatMap((field) => (after[field] === undefined ? [] : [[field, after[field]]])),
  );
  return { set, unset: OPTIONAL.filter((field) => changed.includes(field) && after[field] === undefined) };
}

/** Fields that decide which ticks a job has, and what becomes of them. */
const TICK_FIELDS: readonly (keyof JobRecord)[] = [
  'enabled',
  'intervalMs',
  'anchorAt',
  'cron',
  'nextRunAt',
  'epoch',
  'misfirePolicy',
  'misfireLimit',
  'misfireGraceMs',
  'startAt',
  'endAt',
  'jitterMs',
];

export function touchesTicks(before: JobRecord, after: JobRecord): boolean {
  if (TICK_FIELDS.some((field) => before[field] !== after[field])) return true;
  return after.cron !== undefined && before.timezone !== after.timezone;
}

/** Whether the ticks that are still to come stay what they are: due at the same moments, and starting then. */
export function leavesTicks(before: JobRecord, after: JobRecord): boolean {
  return after.enabled && isSamePlan(before, after) && (before.jitterMs ?? 0) === (after.jitterMs ?? 0);
}

/** Whether the next tick, and those after it, are the same ones. */
export function isSamePlan(before: JobRecord, after: JobRecord): boolean {
  return before.epoch === after.epoch && before.nextRunAt === after.nextRunAt && before.anchorAt === after.anchorAt;
}
