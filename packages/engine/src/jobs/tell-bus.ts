/**
 * What an answer of the API owes to the bus, without ever hanging on it or failing with it: the store has the change
 * already, and schedulers repair topology before they publish and find changes by themselves.
 */
import { type ControlMessage, type Topology, topologyFor } from '@simple-scheduler/contracts';
import type { RunRecord } from '@simple-scheduler/core';
import { publishOwed } from '../scheduler/publish-owed.ts';
import type { ApiContext } from './context.ts';

const DECLARE_WITHIN_MS = 5_000;
const ANNOUNCE_WITHIN_MS = 1_000;
const PUBLISH_WITHIN_MS = 2_000;

/** Declares what this job's messages go through. */
export async function declareTopology(context: ApiContext, job: { name: string; workQueue?: string }): Promise<void> {
  const topology: Topology = topologyFor(job);
  // Another process may have deleted a job of that name, whose topology went with it; work queues stay.
  if (job.workQueue === undefined) context.bus.forgetTopologies([topology]);
  await attempt(context, { topology: topology.key }, 'topology is not declared yet; a scheduler will declare it', {
    work: context.bus.ensureTopology([topology]),
    withinMs: DECLARE_WITHIN_MS,
  });
}

/** Tells all schedulers to look at this job at once. */
export async function announceJob(context: ApiContext, name: string): Promise<void> {
  const message: ControlMessage = { type: 'job_changed', names: [name] };
  await attempt(context, { jobName: name }, 'change is not announced; schedulers will find it', {
    work: context.bus.announce(message),
    withinMs: ANNOUNCE_WITHIN_MS,
  });
}

/**
 * Publishes what these runs owe, and returns those that are known to be published, as they are then. What is not confirmed in
 * time stays owed.
 */
export async function publishSoon(context: ApiContext, runs: readonly RunRecord[]): Promise<readonly RunRecord[]> {
  if (runs.every((run) => run.owes === undefined)) return [];
  const published = await attempt(
    context,
    { runIds: runs.map((run) => run.id) },
    'actions are not confirmed yet; they stay owed',
    {
      work: publishOwed(context, runs),
      withinMs: PUBLISH_WITHIN_MS,
    },
  );
  return published ?? [];
}

/** Undefined where it failed, or goes on for longer. */
async function attempt<T>(
  context: ApiContext,
  fields: object,
  problem: string,
  { work, withinMs }: { work: Promise<T>; withinMs: number },
): Promise<T | undefined> {
  const waited = await context.patience.within(work, withinMs);
  if (waited.kind === 'done') return waited.value;
  context.log.warn({ ...fields, ...(waited.kind === 'failed' ? { err: waited.error } : { withinMs }) }, problem);
  return undefined;
}
