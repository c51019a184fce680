import type { JobRecord } from '@simple-scheduler/core';
import { jobTicks } from '../scheduler/job-ticks.ts';
import type { ApiContext } from './context.ts';
import { isRecurring } from './first-tick.ts';
import { jobNamed } from './job-named.ts';

/**
 * The job's next ticks (epoch ms), whether it is enabled or not: what would come if it were.
 * @throws NotFoundError
 */
export async function nextTicks(context: ApiContext, name: string, count: number): Promise<number[]> {
  const job = await jobNamed(context, name);
  return ticksOf(job, context.clock.now(), count);
}

/** The same of a job that is read already: up to `count` ticks, in order, from `now` on (epoch ms). */
export function ticksOf(job: JobRecord, now: number, count: number): number[] {
  if (job.nextRunAt === undefined) return [];
  const source = jobTicks(job);
  // An overdue tick of a schedule is about to run, or to be skipped; the only one of a once job is still to come.
  let tick: number | null = job.nextRunAt > now || !isRecurring(job) ? job.nextRunAt : source.next(now);
  const ticks: number[] = [];
  while (tick !== null && ticks.length < count) {
    ticks.push(tick);
    tick = source.next(tick);
  }
  return ticks;
}
