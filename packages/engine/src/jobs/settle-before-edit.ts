import { isRecurring } from './first-tick.ts';
import type { JobRecord, RunRecord } from '@simple-scheduler/core';
import { settleDueTicks } from '../scheduler/settle-due-ticks.ts';
import type { ApiContext } from './context.ts';
import { publishSoon } from './tell-bus.ts';

/** Times that ticks are settled by the job's own policy; what is due past that is recorded as skipped, in one go. */
const ROUNDS_MAX = 25;

/**
 * The job as it is once the ticks due at `now` are settled: an edit must not take away ticks that were due before it.
 * Only the run records are written; the caller writes the job. Safe to repeat, also where a scheduler does the same.
 */
export async function settleBeforeEdit(context: ApiContext, job: JobRecord, now: number): Promise<JobRecord> {
  let present = job;
  const owing: RunRecord[] = [];
  for (let round = 0; present.nextRunAt !== undefined && present.nextRunAt <= now; round += 1) {
    // A job of a few milliseconds has more due ticks than an answer has time; it can still be paused.
    const policy = round < ROUNDS_MAX ? {} : { misfirePolicy: 'skip' as const, misfireGraceMs: 0 };
    // What was due before the edit starts now, without the rest of its jitter.
    const { jitterMs: _late, ...punctual } = { ...present, ...policy };
    const { jobs, started } = await settleDueTicks(context, [punctual], now);
    owing.push(...started);
    const nextRunAt = jobs[0]?.nextRunAt ?? null;
    const { nextRunAt: _settled, ...rest } = present;
    if (nextRunAt !== null) present = { ...rest, nextRunAt };
    else present = isRecurring(job) ? rest : { ...rest, completedAt: now };
  }
  await publishSoon(context, owing);
  return present;
}
