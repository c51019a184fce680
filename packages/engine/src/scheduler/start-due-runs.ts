import type { HeldJob, JobRecord, RunRecord } from '@simple-scheduler/core';
import type { Context } from './context.ts';
import type { HeldJobs, TakenJob } from './held-jobs.ts';
import type { JobMove, JobMoves } from './job-moves.ts';
import { promoteWaiting } from './promote-waiting.ts';
import type { Overlaps } from './overlaps.ts';
import type { Publisher } from './publisher.ts';
import { type SettledJob, settleDueTicks } from './settle-due-ticks.ts';
import { startOfTick } from './job-ticks.ts';

export interface TickState {
  readonly managerId: string;
  readonly held: HeldJobs;
  readonly publisher: Publisher;
  readonly moves: JobMoves;
  readonly overlaps: Overlaps;
}

/**
 * One turn of the tick loop, with jobs that are due and taken out of the queue: load them, record their runs, publish, and
 * hand them on to be moved to their next ticks and put back.
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
    for (const job of taken) state.held.putBack(job, job);
    throw error;
  }
}

async function handle(context: Context, state: TickState, taken: readonly TakenJob[], now: number): Promise<void> {
  const jobs = await context.store.getJobs(taken.map((job) => job.name));
  const mine = jobs.filter((job) => job.managerId === state.managerId && job.nextRunAt !== undefined);
  const { jobs: settled, started, waitingUids } = await settleDueTicks(context, mine, now, state.overlaps);
  observeLateness(context, settled, started);
  const { moves, others } = movesOf(state, taken, settled);
  putBack(state, others, mine);
  await Promise.all([state.moves.submit(moves), state.publisher.submit(started)]);
  await state.publisher.submit(await promoteWaiting(context, waitingUids));
}

/** Jitter is wished for, and so no lateness. */
function observeLateness(context: Context, settled: readonly SettledJob[], started: readonly RunRecord[]): void {
  const jobs = new Map(settled.map(({ job }) => [job.uid, job]));
  for (const { jobUid, scheduledAt, createdAt } of started) {
    const job = jobs.get(jobUid);
    if (job) context.meter.observe('tick_lateness_ms', createdAt - startOfTick(job, scheduledAt));
  }
}

/** How each job that had ticks to settle goes on, and the other jobs. */
function movesOf(
  state: TickState,
  taken: readonly TakenJob[],
  settled: readonly SettledJob[],
): { moves: JobMove[]; others: TakenJob[] } {
  const byName = new Map(settled.map((each) => [each.job.name, each]));
  const moves: JobMove[] = [];
  const others: TakenJob[] = [];
  for (const before of taken) {
    const each = byName.get(before.name);
    if (each === undefined) others.push(before);
    else moves.push(moveOf(state.managerId, before, each));
  }
  return { moves, others };
}

function moveOf(managerId: string, taken: TakenJob, { job, nextRunAt, completedAt }: SettledJob): JobMove {
  const { name, uid, epoch, leaseToken } = job;
  const from = job.nextRunAt as number;
  return {
    taken,
    advance: {
      name,
      uid,
      epoch,
      managerId,
      leaseToken,
      from,
      to: nextRunAt,
      ...(completedAt === undefined ? {} : { completedAt }),
    },
    onward: nextRunAt === null ? null : heldJob(job, nextRunAt),
  };
}

/** As it waits in the queue for the start of that tick. */
function heldJob(job: JobRecord, tickAt: number): HeldJob {
  return { name: job.name, nextRunAt: startOfTick(job, tickAt), leaseToken: job.leaseToken };
}

/** Jobs that turned out not to be due, or not to be ours. */
function putBack(state: TickState, taken: readonly TakenJob[], mine: readonly JobRecord[]): void {
  const loaded = new Map(mine.map((job) => [job.name, job]));
  for (const before of taken) {
    const job = loaded.get(before.name);
    state.held.putBack(before, job?.nextRunAt === undefined ? null : heldJob(job, job.nextRunAt));
  }
}
