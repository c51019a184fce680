import { topologyFor } from '@simple-scheduler/contracts';
import {
  PUBLISH_GRACE_MS,
  type RunRecord,
  startDeadline,
  withDeadline,
  withdrawn,
  without,
} from '@simple-scheduler/core';
import type { OutgoingAction, RunStore } from '../ports/index.ts';
import type { Context } from './context.ts';
import { updateRuns } from './update-runs.ts';

/** An action that the bus has confirmed, as the store is to note it. */
export type PublishedAction = Parameters<RunStore['markPublished']>[0][number] & {
  /** When the watchdog would publish it again, unless it is marked. */
  readonly graceEndsAt: number;
};

/** How the actions of some runs fared. */
export interface Publication {
  /** To be marked. */
  readonly published: PublishedAction[];
  /** Not confirmed: perhaps sent, perhaps not. */
  readonly unpublished: RunRecord[];
}

/**
 * Publishes the action that each of these runs owes, and marks those that the bus confirmed. What stays unconfirmed
 * stays owed: the watchdog publishes it again soon, with the same run id and attempt. Returns those that were marked, as
 * the mark has left them.
 */
export async function publishOwed(context: Context, runs: readonly RunRecord[]): Promise<RunRecord[]> {
  const { published, unpublished } = await publishActions(context, runs);
  await Promise.all([
    published.length === 0 ? undefined : context.store.markPublished(published),
    withdraw(context, unpublished),
  ]);
  const marks = new Map(published.map((action) => [action.id, action]));
  return runs.flatMap((run) => {
    const mark = marks.get(run.id);
    return mark === undefined ? [] : [marked(run, mark)];
  });
}

/** The run as the mark of what it owed leaves it. */
export function marked(run: RunRecord, { action, at }: PublishedAction): RunRecord {
  const settled = without(run, 'owes');
  return action === 'run' ? withDeadline({ ...settled, publishedAt: at }) : settled;
}

/** Publishes the action that each of these runs owes. What comes of it is to be noted by the caller. */
export async function publishActions(context: Context, runs: readonly RunRecord[]): Promise<Publication> {
  const owing = runs.filter((run) => run.owes !== undefined);
  // Without a broker nothing would come of it but a wait; the watchdogs publish what is owed once it is back.
  if (owing.length === 0 || context.bus.state() !== 'connected') return { published: [], unpublished: owing };
  const outcomes = await context.bus.publishActions(owing.map(outgoing));
  const at = context.clock.now();
  const published: PublishedAction[] = [];
  const unpublished: RunRecord[] = [];
  owing.forEach((run, i) => {
    if (outcomes[i] === 'confirmed') published.push(publishedAction(run, at));
    else unpublished.push(run);
  });
  context.meter.count('actions_published_total', published.length);
  context.meter.count('actions_unconfirmed_total', unpublished.length);
  return { published, unpublished };
}

function publishedAction(run: RunRecord, now: number): PublishedAction {
  const { id, attempt, owes: action = 'run' } = run;
  const at = Math.max(now, run.createdAt);
  const watchAt = action === 'run' ? startDeadline(run, at) : undefined;
  const graceEndsAt = run.watchAt ?? now + PUBLISH_GRACE_MS;
  return { id, attempt, action, at, graceEndsAt, ...(watchAt === undefined ? {} : { watchAt }) };
}

/** Tells the watchdogs that nobody is publishing what these runs owe. Those that someone else has changed meanwhile are left. */
export async function withdraw(context: Context, runs: readonly RunRecord[]): Promise<void> {
  if (runs.length === 0) return;
  const now = context.clock.now();
  const revs = new Map(runs.map(({ id, rev }) => [id, rev]));
  await updateRuns(context, runs, (run) => (run.rev === revs.get(run.id) ? withdrawn(run, now) : undefined));
}

/** Asks a worker once more to give up a run that has ended as cancelled. Nothing is recorded: an ended run never changes. */
export async function publishCancelAgain({ bus }: Context, runs: readonly RunRecord[]): Promise<void> {
  // Nor is it worth a wait: a worker that goes on says so again.
  if (runs.length === 0 || bus.state() !== 'connected') return;
  await bus.publishActions(runs.map((run) => outgoing({ ...run, owes: 'cancel' })));
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
