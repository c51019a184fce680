import { topologyFor } from '@simple-scheduler/contracts';
import { PUBLISH_GRACE_MS, type RunRecord, startDeadline } from '@simple-scheduler/core';
import type { OutgoingAction, RunStore } from '../ports/index.ts';
import type { Context } from './context.ts';

/** An action that the bus has confirmed, as the store is to note it. */
export type PublishedAction = Parameters<RunStore['markPublished']>[0][number] & {
  /** When the watchdog would publish it again, unless it is marked. */
  readonly graceEndsAt: number;
};

/**
 * Publishes the action that each of these runs owes, and marks those that the bus confirmed. What stays unconfirmed
 * stays owed: the watchdog publishes it again, with the same run id and attempt.
 */
export async function publishOwed(context: Context, runs: readonly RunRecord[]): Promise<void> {
  const published = await publishActions(context, runs);
  if (published.length > 0) await context.store.markPublished(published);
}

/** Publishes the action that each of these runs owes. Those that the bus confirmed are to be marked. */
export async function publishActions(context: Context, runs: readonly RunRecord[]): Promise<PublishedAction[]> {
  const owing = runs.filter((run) => run.owes !== undefined);
  if (owing.length === 0) return [];
  const outcomes = await context.bus.publishActions(owing.map(outgoing));
  const at = context.clock.now();
  const published = owing.flatMap((run, i): PublishedAction[] => {
    if (outcomes[i] !== 'confirmed' || run.owes === undefined) return [];
    const publishedAt = Math.max(at, run.createdAt);
    const watchAt = run.owes === 'run' ? startDeadline(run, publishedAt) : undefined;
    return [
      {
        id: run.id,
        attempt: run.attempt,
        action: run.owes,
        at: publishedAt,
        graceEndsAt: run.watchAt ?? at + PUBLISH_GRACE_MS,
        ...(watchAt === undefined ? {} : { watchAt }),
      },
    ];
  });
  context.meter.count('actions_published_total', published.length);
  context.meter.count('actions_unconfirmed_total', owing.length - published.length);
  return published;
}

/** Asks a worker once more to give up a run that has ended as cancelled. Nothing is recorded: an ended run never changes. */
export async function publishCancelAgain(context: Context, runs: readonly RunRecord[]): Promise<void> {
  if (runs.length > 0) await context.bus.publishActions(runs.map((run) => outgoing({ ...run, owes: 'cancel' })));
}

function outgoing(run: RunRecord): OutgoingAction {
  const action = run.owes ?? 'run';
  return {
    topology: topologyFor({ name: run.jobName, workQueue: run.workQueue }),
    messageId: `${run.id}:${run.attempt}:${action}`,
    body: {
      jobName: run.jobName,
      runId: run.id,
      action,
      attempt: run.attempt,
      scheduledAt: new Date(run.scheduledAt).toISOString(),
      target: { type: 'worker' },
      ...(action === 'cancel' || run.payload === undefined ? {} : { payload: run.payload }),
      ...(run.executionTimeoutMs === 0 ? {} : { executionTimeout: run.executionTimeoutMs }),
      ...(run.heartbeatTimeoutMs === 0 ? {} : { heartbeatTimeout: run.heartbeatTimeoutMs }),
    },
  };
}
