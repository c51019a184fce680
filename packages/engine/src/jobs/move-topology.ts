import { topologyFor } from '@simple-scheduler/contracts';
import type { JobRecord } from '@simple-scheduler/core';
import type { ApiContext } from './context.ts';
import { declareTopology } from './tell-bus.ts';

const REMOVE_WITHIN_MS = 5_000;

/**
 * Follows a job to another work queue. Its own exchanges and queue go when no live run needs them any more, else with
 * the job; a shared queue stays, others may use it.
 */
export async function moveTopology(context: ApiContext, before: JobRecord, after: JobRecord): Promise<void> {
  if (before.workQueue === after.workQueue) return;
  await declareTopology(context, after);
  if (before.workQueue !== undefined) return;
  const live = await context.store.liveRuns(before.uid, 1);
  if (live.length > 0) return;
  const topology = topologyFor({ name: before.name });
  const waited = await context.patience.within(context.bus.deleteTopology(topology), REMOVE_WITHIN_MS);
  if (waited.kind !== 'done')
    context.log.warn({ topology: topology.key }, 'unused topology is not removed; it goes with the job');
}
