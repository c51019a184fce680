import type { JobRecord, Schedule } from '@simple-scheduler/core';

/** The schedule that a job's fields describe; a job with neither interval nor cron has its `nextRunAt` alone. */
export function scheduleOf(
  job: Pick<JobRecord, 'intervalMs' | 'anchorAt' | 'cron' | 'timezone' | 'createdAt'>,
): Schedule {
  if (job.intervalMs !== undefined) {
    return { kind: 'interval', intervalMs: job.intervalMs, anchorAt: job.anchorAt ?? job.createdAt };
  }
  if (job.cron !== undefined) return { kind: 'cron', expression: job.cron, timezone: job.timezone };
  return { kind: 'once' };
}
