import { promoted, released, type RunRecord } from '@simple-scheduler/core';
import type { Context } from './context.ts';
import { type Decide, updateRuns } from './update-runs.ts';

/** Runs of each job with concurrency that one call starts at the most, one by one as they are to start oldest first. */
const RELEASED_MAX = 100;

/**
 * Gives the active place of these jobs to their oldest waiting run, where it is free. Where a job lets runs overlap since
 * they were made, they all start; what is past a hundred, the watchdog comes back for. Called by whoever ended a run, and
 * by the watchdog in case that one crashed. Returns the runs that start: their action is owed to the bus.
 */
export async function promoteWaiting(context: Context, jobUids: readonly string[]): Promise<RunRecord[]> {
  if (jobUids.length === 0) return [];
  const waiting = await context.store.oldestWaiting(jobUids);
  if (waiting.length === 0) return [];
  // A job that allowed concurrent runs a moment ago may have active runs without a slot.
  const places = await context.store.occupancy(waiting.map((run) => run.jobUid));
  const isFree = (run: RunRecord): boolean => (places.get(run.jobUid)?.active ?? 0) === 0;
  const now = context.clock.now();
  const written = await updateRuns(
    context,
    waiting.filter(isFree),
    unlessGone((run) => promoted(run, now)),
  );
  const busy = waiting.filter((run) => !isFree(run));
  return [...written.values(), ...(await releaseWaiting(context, busy))];
}

/** Starts all waiting runs of those jobs that let runs overlap by now. `oldest` is the oldest one of each job. */
async function releaseWaiting(context: Context, oldest: readonly RunRecord[]): Promise<RunRecord[]> {
  if (oldest.length === 0) return [];
  const jobs = await context.store.getJobs(oldest.map((run) => run.jobName));
  const uids = jobs.flatMap((job) => (job.allowConcurrentRuns ? [job.uid] : []));
  const started: RunRecord[] = [];
  let open = oldest.filter((run) => uids.includes(run.jobUid));
  for (let round = 0; open.length > 0 && round < RELEASED_MAX; round += 1) {
    const now = context.clock.now();
    const written = await updateRuns(
      context,
      open,
      unlessGone((run) => released(run, now)),
    );
    started.push(...written.values());
    open = await context.store.oldestWaiting(open.map((run) => run.jobUid));
  }
  return started;
}

/** Someone else may have started or cancelled the run meanwhile. */
function unlessGone(start: (run: RunRecord) => RunRecord): Decide {
  return (run) => (run.waiting && run.status === 'pending' ? start(run) : undefined);
}
