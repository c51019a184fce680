import { type Repair, type RunRecord, supervise } from '@simple-scheduler/core';
import type { Context } from './context.ts';
import { promoteWaiting } from './promote-waiting.ts';
import type { Publisher } from './publisher.ts';
import { updateRuns } from './update-runs.ts';

const BATCH_MAX = 500;

/**
 * One turn of the watchdog: everything that is late, in one query. Repairs are conditional, so any number of
 * schedulers may do this at once. What this process is publishing itself is only looked at again later. Returns whether
 * there is more than one batch to do.
 */
export async function watchRuns(
  context: Context,
  now: number,
  publisher: Pick<Publisher, 'holding' | 'submit'>,
): Promise<{ more: boolean }> {
  const holds = publisher.holding();
  const due = await context.store.dueRuns(now, BATCH_MAX);
  const connected = context.bus.state() === 'connected';
  // What only needs to be published can wait for the broker; claiming it now would push its turn into the future.
  const actionable = connected ? due : due.filter((run) => !onlyOwes(run, now));
  const repairs = new Map<string, Repair>();
  const uids = new Set<string>();
  const written = await updateRuns(context, actionable, (run) => {
    if (run.watchAt === undefined || run.watchAt > now) return undefined;
    const decision = supervise(run, now);
    if (decision.kind === 'promote') uids.add(run.jobUid);
    else if (decision.repair !== 'republished' || !holds(run)) repairs.set(run.id, decision.repair);
    return decision.run;
  });
  for (const run of written.values()) {
    const repair = repairs.get(run.id);
    if (repair !== undefined && repair !== 'none') report(context, run, repair);
    if (run.endedAt !== undefined) uids.add(run.jobUid);
  }
  const promotions = await promoteWaiting(context, [...uids]);
  const owing = [...written.values()].filter(
    (run) => run.owes !== undefined && run.endedAt === undefined && repairs.has(run.id),
  );
  await publisher.submit([...owing, ...promotions]);
  return { more: due.length === BATCH_MAX && written.size > 0 };
}

function onlyOwes(run: RunRecord, now: number): boolean {
  if (run.waiting || run.owes === undefined) return false;
  const decision = supervise(run, now);
  return decision.kind === 'change' && decision.repair === 'republished';
}

function report(context: Context, run: RunRecord, repair: Repair): void {
  context.meter.count('runs_repaired_total', 1, { repair });
  context.log.info({ runId: run.id, jobName: run.jobName, attempt: run.attempt, repair }, 'repaired a run');
}
