import { promoted, type RunRecord } from '@simple-scheduler/core';
import type { Context } from './context.ts';
import { updateRuns } from './update-runs.ts';

/**
 * Gives the active place of these jobs to their oldest waiting run, where it is free. Called by whoever ended a run,
 * and by the watchdog in case that one crashed. Returns the runs that start: their action is owed to the bus.
 */
export async function promoteWaiting(context: Context, jobUids: readonly string[]): Promise<RunRecord[]> {
  if (jobUids.length === 0) return [];
  const waiting = await context.store.oldestWaiting(jobUids);
  if (waiting.length === 0) return [];
  // A job that allowed concurrent runs a moment ago may have active runs without a slot.
  const places = await context.store.occupancy(waiting.map((run) => run.jobUid));
  const free = waiting.filter((run) => (places.get(run.jobUid)?.active ?? 0) === 0);
  const now = context.clock.now();
  const written = await updateRuns(context, free, (run) =>
    run.waiting && run.status === 'pending' ? promoted(run, now) : undefined,
  );
  return [...written.values()];
}
