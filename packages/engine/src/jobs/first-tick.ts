import { type JobRecord, tickSource, validateCron, validateTimezone } from '@simple-scheduler/core';
import { ValidationError } from '../ports/index.ts';
import { scheduleOf } from '../scheduler/schedule-of.ts';

type Scheduled = Pick<JobRecord, 'intervalMs' | 'anchorAt' | 'cron' | 'timezone' | 'createdAt'>;

export const isRecurring = (job: Pick<JobRecord, 'intervalMs' | 'cron'>): boolean =>
  job.intervalMs !== undefined || job.cron !== undefined;

/** @throws ValidationError naming `timezone` or `cron` */
export function checkSchedule(job: Pick<JobRecord, 'cron' | 'timezone'>): void {
  const zoneProblem = validateTimezone(job.timezone);
  if (zoneProblem !== null) throw new ValidationError([{ path: 'timezone', message: zoneProblem }]);
  const cronProblem = job.cron === undefined ? null : validateCron(job.cron, job.timezone);
  if (cronProblem !== null) throw new ValidationError([{ path: 'cron', message: cronProblem }]);
}

/** First tick of the job's schedule strictly after `after`; undefined where there is none. */
export function tickAfter(job: Scheduled, after: number): number | undefined {
  return tickSource(scheduleOf(job)).next(after) ?? undefined;
}

/** Where a new schedule begins: an interval's grid one interval from now, a cron at its next time. */
export function beginning(job: Scheduled, now: number): { nextRunAt?: number; anchorAt?: number } {
  if (job.intervalMs !== undefined) return startingAt(job, now + job.intervalMs);
  const tick = job.cron === undefined ? undefined : tickAfter(job, now);
  return tick === undefined ? {} : { nextRunAt: tick };
}

/** The first tick as someone set it; an interval's grid goes through it. */
export function startingAt(job: Scheduled, nextRunAt: number): { nextRunAt: number; anchorAt?: number } {
  return job.intervalMs === undefined ? { nextRunAt } : { nextRunAt, anchorAt: nextRunAt };
}
