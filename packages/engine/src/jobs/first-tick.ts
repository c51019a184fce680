import type { JobRecord } from '@simple-scheduler/core';
import { jobTicks } from '../scheduler/job-ticks.ts';

type Scheduled = Pick<JobRecord, 'intervalMs' | 'anchorAt' | 'cron' | 'timezone' | 'createdAt' | 'startAt' | 'endAt'>;

export const isRecurring = (job: Pick<JobRecord, 'intervalMs' | 'cron'>): boolean =>
  job.intervalMs !== undefined || job.cron !== undefined;

/** First tick of the job's schedule strictly after `after`; undefined where there is none. */
export function tickAfter(job: Scheduled, after: number): number | undefined {
  return jobTicks(job).next(after) ?? undefined;
}

/** `tick`, which may be none of the schedule's own, as far as the bounds allow it: else the first tick after it. */
export function tickFrom(job: Scheduled, tick: number): number | undefined {
  if (job.startAt !== undefined && tick < job.startAt) return tickAfter(job, tick);
  return job.endAt !== undefined && tick > job.endAt ? undefined : tick;
}

/**
 * Where a new schedule begins: an interval's grid at `startAt` when that is still to come, else one interval from now; a
 * cron at its next time. Nowhere when that is after `endAt`.
 */
export function beginning(job: Scheduled, now: number): { nextRunAt?: number; anchorAt?: number } {
  if (job.intervalMs !== undefined) {
    const first = job.startAt !== undefined && job.startAt > now ? job.startAt : now + job.intervalMs;
    return job.endAt !== undefined && first > job.endAt ? { anchorAt: first } : startingAt(job, first);
  }
  const tick = job.cron === undefined ? undefined : tickAfter(job, now);
  return tick === undefined ? {} : { nextRunAt: tick };
}

/** The first tick as someone set it; an interval's grid goes through it. */
export function startingAt(job: Scheduled, nextRunAt: number): { nextRunAt: number; anchorAt?: number } {
  return job.intervalMs === undefined ? { nextRunAt } : { nextRunAt, anchorAt: nextRunAt };
}
