import type { RunRecord } from '@simple-scheduler/core';
import type { Log, RunUpdate, Store } from '@simple-scheduler/engine';

const PAGE = 500;
const RELEASE_BATCH = 10_000;

/**
 * Takes over what an earlier process left on this store, for a process that is the only one to work on it. Jobs of a
 * scheduler that was killed need not wait until it counts as dead. Call before a scheduler starts. (Where another
 * process works on the store after all, it finds its lease gone and takes jobs anew: nothing runs twice.)
 */
export async function takeOver(store: Store, { now, log }: { now: number; log: Log }): Promise<void> {
  const { managers } = await store.listManagers();
  for (const { id } of managers) await store.removeManager(id);
  const jobs = await freeJobsOf(
    store,
    managers.map(({ id }) => id),
  );
  const runs = await oweForgottenActions(store, now);
  if (jobs > 0 || runs > 0) log.info({ jobs, runs }, 'took over what an earlier process left');
}

/** In steps, as one for a million jobs would exceed what a call of a database may take. */
async function freeJobsOf(store: Store, managerIds: readonly string[]): Promise<number> {
  let count = 0;
  for (let freed = RELEASE_BATCH; freed >= RELEASE_BATCH; count += freed) {
    freed = await store.releaseJobsOf(managerIds, RELEASE_BATCH);
  }
  return count;
}

/**
 * The in-process bus forgets with its process: an action that it had confirmed, and that no worker had taken, is gone
 * while its run still counts as published. Such runs owe their action anew; the watchdog publishes it, with the same
 * run id and attempt.
 */
async function oweForgottenActions(store: Store, now: number): Promise<number> {
  let count = 0;
  let after: string | undefined;
  do {
    const page = await store.listRuns({
      limit: PAGE,
      statuses: ['pending', 'cancelling'],
      ...(after === undefined ? {} : { after }),
    });
    const updates = page.runs.filter(isForgotten).map((run) => oweAgain(run, now));
    if (updates.length > 0) await store.updateRuns(updates);
    count += updates.length;
    after = page.next;
  } while (after !== undefined);
  return count;
}

/** A run that waits for its turn, or for its next try, has no action on the bus; one that owes its action has none yet. */
function isForgotten(run: RunRecord): boolean {
  return run.waiting !== true && run.owes === undefined && run.nextRetryAt === undefined;
}

function oweAgain({ id, rev, status }: RunRecord, now: number): RunUpdate {
  return { id, rev, change: { set: { owes: status === 'cancelling' ? 'cancel' : 'run', watchAt: now }, unset: [] } };
}
