import type { JobRecord, RunRecord } from '@simple-scheduler/core';
import { startOfTick } from '../scheduler/job-ticks.ts';
import { settleDueTicks } from '../scheduler/settle-due-ticks.ts';
import type { ApiContext } from './context.ts';
import { isRecurring } from './first-tick.ts';
import { publishSoon } from './tell-bus.ts';

/** Times that ticks are settled by the job's own policy; what is due past that is recorded as skipped, in one go. */
const ROUNDS_MAX = 25;

/**
 * The job as it is once the ticks due at `now` are settled: an edit must not take away ticks that were due before it.
 * Ticks that wait for their jitter stay, or start `atOnce`. Only the run records are written; the caller writes the job.
 * Safe to repeat, also where a scheduler does the same.
 */
export async function settleBeforeEdit(
  context: ApiContext,
  job: JobRecord,
  { now, atOnce }: { now: number; atOnce: boolean },
): Promise<JobRecord> {
  let present = job;
  const owing: RunRecord[] = [];
  for (let round = 0; present.nextRunAt !== undefined; round += 1) {
    const rules = round >= ROUNDS_MAX ? LEAVE_OUT : atOnce ? withoutJitter(job) : {};
    const judged = { ...present, ...rules };
    if (startOfTick(judged, present.nextRunAt) > now) break;
    const { jobs, started } = await settleDueTicks(context, [judged], now);
    owing.push(...started);
    const nextRunAt = jobs[0]?.nextRunAt ?? null;
    const { nextRunAt: _settled, ...rest } = present;
    if (nextRunAt !== null) present = { ...rest, nextRunAt };
    else present = isRecurring(job) ? rest : { ...rest, completedAt: now };
  }
  await publishSoon(context, owing);
  return present;
}

/** A job of a few milliseconds has more due ticks than an answer has time; it can still be paused. */
const LEAVE_OUT = { misfirePolicy: 'skip', misfireGraceMs: 0, jitterMs: 0 } as const;

/** Who starts before its jitter is over is not late for having waited for it. */
function withoutJitter({ misfireGraceMs, jitterMs = 0 }: JobRecord): Partial<JobRecord> {
  return { misfireGraceMs: misfireGraceMs + jitterMs, jitterMs: 0 };
}

/** Whether the next tick of a job whose due ticks are settled waits for its jitter. */
export const waitsForJitter = ({ nextRunAt }: JobRecord, now: number): boolean =>
  nextRunAt !== undefined && nextRunAt <= now;
