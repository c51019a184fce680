/**
 * Cleaning up after a deleted job. The deletion record stays until all is done, so that another process finishes what
 * one that crashed, or had no bus, left behind.
 *
 * A scheduler that was about to start a run when the job went may still insert it, and declare the exchanges anew to
 * publish it. Therefore the record also stays for a while after the deletion, and the last pass finds such a run. Until
 * then it is left to whoever deleted the job.
 */
import { topologyFor } from '@simple-scheduler/contracts';
import { type RunEvent, type RunRecord, transition } from '@simple-scheduler/core';
import type { Deletion } from '../ports/index.ts';
import { publishOwed } from '../scheduler/publish-owed.ts';
import type { Context } from '../scheduler/context.ts';
import { updateRuns } from '../scheduler/update-runs.ts';

/** Longer than any scheduler takes from loading a job to publishing its run. */
const LATE_RUNS_MS = 30_000;
const RUNS_BATCH = 500;
const DELETIONS_BATCH = 100;

/** One pass over what is left; returns how many deletions are done with. For whoever has a bus, now and then. */
export async function finishDeletions(context: Context): Promise<number> {
  // Most of it is on the bus, and without one each deletion would wait for nothing.
  if (context.bus.state() !== 'connected') return 0;
  const now = context.clock.now();
  let done = 0;
  for (const deletion of await context.store.listDeletions(DELETIONS_BATCH)) {
    if (!isSettled(deletion, now)) continue;
    try {
      if (await finishDeletion(context, deletion)) done += 1;
    } catch (error) {
      context.log.warn({ jobName: deletion.job.name, err: error }, 'a deleted job is not cleaned up yet; next time');
    }
  }
  return done;
}

const isSettled = (deletion: Deletion, now: number): boolean => now - deletion.deletedAt >= LATE_RUNS_MS;

/** True once nothing is left and the deletion is forgotten. Safe to repeat, and from several processes at once. */
export async function finishDeletion(context: Context, deletion: Deletion): Promise<boolean> {
  if (!(await endLiveRuns(context, deletion.uid))) return false;
  await removeTopology(context, deletion.job.name);
  if (!isSettled(deletion, context.clock.now())) return false;
  await context.store.forgetDeletion(deletion.uid);
  return true;
}

/**
 * Ends the runs that are live. False where some are left: a worker could not be told, so that the run stays
 * `cancelling` and owes the cancel.
 */
async function endLiveRuns(context: Context, jobUid: string): Promise<boolean> {
  for (;;) {
    const runs = await context.store.liveRuns(jobUid, RUNS_BATCH);
    const now = context.clock.now();
    const asked = await updateRuns(context, runs, (run) => after(run, { kind: 'cancel', reason: 'job_deleted' }, now));
    const owing = runs.map((run) => asked.get(run.id) ?? run).filter((run) => run.owes === 'cancel');
    // Without a broker nothing would come of it but a wait.
    if (context.bus.state() === 'connected') await publishOwed(context, owing);
    const told = (await context.store.getRuns(runs.map((run) => run.id))).filter((run) => run.owes === undefined);
    const ended = await updateRuns(context, told, (run) => after(run, { kind: 'job_deleted' }, now));
    const gone = [...asked.values(), ...ended.values()].filter((run) => run.endedAt !== undefined).length;
    if (gone === 0) return (await context.store.liveRuns(jobUid, 1)).length === 0;
  }
}

function after(run: RunRecord, event: RunEvent, now: number): RunRecord | undefined {
  const result = transition(run, event, now);
  return result.kind === 'changed' ? result.run : undefined;
}

/**
 * The exchanges and the queue that carry the job's name, also where it used a work queue of late. A shared queue stays.
 */
async function removeTopology(context: Context, name: string): Promise<void> {
  const topology = topologyFor({ name });
  if ((await context.store.getJob(name)) !== null) return;
  await context.bus.deleteTopology(topology);
  // Created anew in between: its declaration may have come before our removal.
  if ((await context.store.getJob(name)) !== null) await context.bus.ensureTopology([topology]);
}
