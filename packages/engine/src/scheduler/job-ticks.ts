import {
  boundedTicks,
  chanceOf,
  type JobRecord,
  type Schedule,
  type TickSource,
  tickSource,
} from '@simple-scheduler/core';

type Scheduled = Pick<JobRecord, 'intervalMs' | 'anchorAt' | 'cron' | 'timezone' | 'createdAt' | 'startAt' | 'endAt'>;

/** The ticks that a job's fields describe; one with neither interval nor cron has its `nextRunAt` alone. */
export function jobTicks(job: Scheduled): TickSource {
  return boundedTicks(tickSource(scheduleOf(job)), job);
}

function scheduleOf(job: Scheduled): Schedule {
  if (job.intervalMs !== undefined) {
    return { kind: 'interval', intervalMs: job.intervalMs, anchorAt: job.anchorAt ?? job.createdAt };
  }
  if (job.cron !== undefined) return { kind: 'cron', expression: job.cron, timezone: job.timezone };
  return { kind: 'once' };
}

/** When the run of this tick starts: up to `jitterMs` later, by an amount that belongs to the tick, whoever asks. */
export function startOfTick(job: Pick<JobRecord, 'uid' | 'jitterMs'>, tickAt: number): number {
  return job.jitterMs === undefined
    ? tickAt
    : tickAt + Math.floor(chanceOf(`${job.uid}:${tickAt}`) * (job.jitterMs + 1));
}
