import type { JobEditable, JobOptional, JobRecord } from '@simple-scheduler/core';
import { equalJson } from './equal-json.ts';

const OPTIONAL = [
  'description',
  'intervalMs',
  'anchorAt',
  'cron',
  'nextRunAt',
  'payload',
  'meta',
  'workQueue',
  'completedAt',
  'startAt',
  'endAt',
  'maxRetries',
  'retryBackoff',
  'retryDelayMs',
  'retryMaxDelayMs',
  'maxRestarts',
  'jitterMs',
  'retentionCount',
  'retentionAgeMs',
  'owedFrom',
] as const satisfies readonly JobOptional[];
const EDITABLE = [
  ...OPTIONAL,
  'epoch',
  'enabled',
  'timezone',
  'misfirePolicy',
  'misfireLimit',
  'misfireGraceMs',
  'runStartTimeoutMs',
  'runExecutionTimeoutMs',
  'cancelTimeoutMs',
  'heartbeatTimeoutMs',
  'allowConcurrentRuns',
  'maxQueueCount',
] as const satisfies readonly (keyof JobEditable)[];

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
