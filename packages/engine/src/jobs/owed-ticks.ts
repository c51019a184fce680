import type { JobRecord } from '@simple-scheduler/core';
import { isSamePlan } from './job-difference.ts';

/**
 * A job after an edit, with the first tick that it owes from then on. `before` is the job with its due ticks settled, so
 * a `nextRunAt` that differs is no tick that passed but another plan: what lies before it may have no records.
 */
export function withOwedTicks(before: JobRecord, after: JobRecord): JobRecord {
  const goesOn = isSamePlan(before, after);
  if (goesOn) return after;
  const { owedFrom: _, ...rest } = after;
  return after.nextRunAt === undefined ? rest : { ...rest, owedFrom: after.nextRunAt };
}
