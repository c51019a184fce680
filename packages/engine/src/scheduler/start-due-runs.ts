import type { JobRecord, RunRecord } from '@simple-scheduler/core';
import type { JobAdvance } from '../ports/index.ts';
import type { Context } from './context.ts';
import type { HeldJobs, TakenJob } from './held-jobs.ts';
import { promoteWaiting } from './promote-waiting.ts';
import type { Publisher } from './publisher.ts';
import { type SettledJob, settleDueTicks } from './settle-due-ticks.ts';
import { startOfTick } from './job-ticks.ts';

export interface TickState {
  readonly managerId: string;
  readonly held: HeldJobs;
  readonly publisher: Publisher;
}

/**
 * One turn of the tick loop, with jobs that are due and taken out of the queue: load them, record their runs, move the
 * jobs on, publish, and put them back.
 *
 * A crash between any two steps is repaired: the tick that is recorded but not moved past is found recorded, the run
 * that is recorded but not published is published by the watchdog.
 */
export async function startRunsOf(
  context: Context,
  state: TickState,
  taken: readonly TakenJob[],
  now: number,
): Promise<void> {
  try {
    await handle(context, state, taken, now);
  } catch (error) {
    // Nothing is forgotten: the jobs are due as before, and the loop comes back.
    for (const job of taken) if (state.held.isTaken(job)) state.held.put(job);
    throw error;
  }
}

async function handle(context: Context, state: TickState, taken: readonly TakenJob[], now: number): Promise<void> {
  const jobs = await context.store.getJobs(taken.map((job) => job.name));
  const mine = jobs.filter((job) => job.managerId === state.managerId && job.nextRunAt !== undefined);
  const { jobs: settled, started, waitingUids } = await settleDueTicks(context, mine, now);
  observeLateness(context, settled, started);
  const [advanced] = await Promise.all([advance(context, state, settled), state.publisher.submit(started)]);
  await state.publisher.submit(await promoteWaiting(context, waitingUids));
  keepWhatIsOurs(state, taken, mine, advanced);
}

/** Jitter is wished for, and so no lateness. */
function observeLateness(context: Context, settled: readonly SettledJob[], started: readonly RunRecord[]): void {
  const jobs = new Map(settled.map(({ job }) => [job.uid, job]));
  for (const { jobUid, scheduledAt, createdAt } of started) {
    const job = jobs.get(jobUid);
    if (job) context.meter.observe('tick_lateness_ms', createdAt - startOfTick(job, scheduledAt));
  }
}

/** Moves `nextRunAt` on under the full guard; returns the jobs that are still ours, with their next ticks. */
async function advance(
  context: Context,
  state: TickState,
  settled: readonly SettledJob[],
): Promise<Map<string, number | null>> {
  const advances = settled.map(
    ({ job, nextRunAt, completedAt }): JobAdvance => ({
      name: job.name,
      uid: job.uid,
      epoch: job.epoch,
      managerId: state.managerId,
      leaseToken: job.leaseToken,
      from: job.nextRunAt as number,
      to: nextRunAt,
      ...(completedAt === undefined ? {} : { completedAt }),
    }),
  );
  const next = new Map<string, number | null>();
  if (advances.length === 0) return next;
  const outcomes = await context.store.advanceJobs(advances);
  let fenced = 0;
  outcomes.forEach((outcome, i) => {
    const { name, to, from } = advances[i] as JobAdvance;
    if (outcome === 'advanced') next.set(name, to);
    else {
      // Edited, deleted or held by someone else since it was loaded: look at it again at once.
      fenced += 1;
      next.set(name, from);
    }
  });
  if (fenced > 0) context.meter.count('jobs_fenced_total', fenced);
  return next;
}

/** Puts the jobs back into the queue, as far as they are still held by us and were not taken anew meanwhile. */
function keepWhatIsOurs(
  state: TickState,
  taken: readonly TakenJob[],
  mine: readonly JobRecord[],
  next: Map<string, number | null>,
): void {
  const loaded = new Map(mine.map((job) => [job.name, job]));
  for (const before of taken) {
    // A change that arrived during this turn has put or removed the job already; its word is newer than ours.
    if (!state.held.isTaken(before)) continue;
    const job = loaded.get(before.name);
    const nextRunAt = next.has(before.name) ? next.get(before.name) : job?.nextRunAt;
    if (job === undefined || nextRunAt === null || nextRunAt === undefined) state.held.remove(before.name);
    else state.held.put({ name: job.name, nextRunAt: startOfTick(job, nextRunAt), leaseToken: job.leaseToken });
  }
}
