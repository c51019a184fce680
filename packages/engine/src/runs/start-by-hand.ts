import {
  admit,
  type JobRecord,
  newRun,
  NO_PLACES,
  type Places,
  type RunRecord,
  type RunRequest,
} from '@simple-scheduler/core';
import { ContendedError, OutdatedError } from '../ports/index.ts';
import { type ApiContext, TRIES_MAX } from '../jobs/context.ts';
import { publishSoon } from '../jobs/tell-bus.ts';
import { promoteWaiting } from '../scheduler/promote-waiting.ts';

export interface ByHand extends Omit<RunRequest, 'id' | 'now' | 'createdAt' | 'scheduledAt'> {
  /** The run to make, where that was decided before; absent: a new one. */
  readonly decided?: DecidedRun;
}

export interface DecidedRun {
  readonly runId: string;
  readonly createdAt: number;
  /** Later than this, the run may have been made, ended and removed by others. */
  readonly insertBefore: number;
}

/**
 * Inserts a run that someone asked for, as far as the job's places allow (else it waits, or is recorded as skipped),
 * and publishes it. Returns it as this has left it, which is not read again: its worker may have gone on since, as it may have
 * right after any answer. Null where the run that was decided on exists.
 * @throws ContendedError where the places change faster than we look, OutdatedError
 */
export async function startByHand(
  context: ApiContext,
  job: JobRecord,
  { decided, ...request }: ByHand,
): Promise<RunRecord | null> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const places = await placesOf(context, job);
    const now = context.clock.now();
    if (decided !== undefined && now >= decided.insertBefore) throw new OutdatedError('held up for too long');
    const createdAt = decided?.createdAt ?? now;
    const identity = { id: decided?.runId ?? context.ids.runId(now), createdAt, scheduledAt: createdAt };
    const run = newRun(job, { ...request, ...identity, now }, admit(job, places));
    const [outcome] = await context.store.insertRuns([run]);
    if (outcome === 'exists') return null;
    if (outcome !== 'created') continue;
    // The active run may have ended before the waiting one was there to be seen.
    const started = run.waiting ? await promoteWaiting(context, [job.uid]) : [run];
    const published = await publishSoon(context, started);
    const isIt = ({ id }: RunRecord): boolean => id === run.id;
    return published.find(isIt) ?? started.find(isIt) ?? run;
  }
  throw new ContendedError(`the places of job "${job.name}" are taken faster than they are found; try again`);
}

/** What is in the way of a further run; not looked at where nothing can be. */
async function placesOf({ store }: ApiContext, job: JobRecord): Promise<Places> {
  if (job.allowConcurrentRuns) return NO_PLACES;
  return (await store.occupancy([job.uid])).get(job.uid) ?? NO_PLACES;
}
