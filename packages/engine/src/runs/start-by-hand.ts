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
import { PICTURE_MAX_AGE_MS } from '../scheduler/settle-due-ticks.ts';

export interface ByHand extends Omit<RunRequest, 'id' | 'now' | 'createdAt' | 'scheduledAt'> {
  /** The run to make, where that was decided before; absent: a new one. */
  readonly decided?: DecidedRun;
  /**
   * Later than this, what was looked at before may not hold any more: others may have made, ended and removed the run, or have
   * deleted the job and ended all runs that it had.
   */
  readonly insertBefore: number;
}

export interface DecidedRun {
  readonly runId: string;
  readonly createdAt: number;
}

/** Until when a run may be inserted that rests on what is looked at from now on. */
export const insertBefore = ({ clock }: ApiContext): number => clock.now() + PICTURE_MAX_AGE_MS;

/** Who was refused so often asks with a crowd, of which one run would take the first free place each time. */
const SPREADING_TRY = 3;

/**
 * Inserts a run that someone asked for, as far as the job's places allow (else it waits, or is recorded as skipped),
 * and publishes it. Returns it as this has left it, which is not read again: its worker may have gone on since, as it may have
 * right after any answer. Null where the run that was decided on exists.
 * @throws ContendedError where the places change faster than we look, OutdatedError
 */
export async function startByHand(
  context: ApiContext,
  job: JobRecord,
  { decided, insertBefore: latest, ...request }: ByHand,
): Promise<RunRecord | null> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const places = await placesOf(context, job);
    const now = context.clock.now();
    if (now >= latest) throw new OutdatedError('held up for too long; try again');
    const createdAt = decided?.createdAt ?? now;
    const identity = { id: decided?.runId ?? context.ids.runId(now), createdAt, scheduledAt: createdAt };
    const admission = admit(job, places, tries < SPREADING_TRY ? 0 : passingOf(identity.id));
    const run = newRun(job, { ...request, ...identity, now }, admission);
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

/** Free places that a run passes over: runs of a crowd, which all see the same ones free, each take another. */
function passingOf(runId: string): number {
  return Number.parseInt(runId.slice(-6), 16);
}

/** What is in the way of a further run; not looked at where nothing can be. */
async function placesOf({ store }: ApiContext, job: JobRecord): Promise<Places> {
  if (job.allowConcurrentRuns) return NO_PLACES;
  return (await store.occupancy([job.uid])).get(job.uid) ?? NO_PLACES;
}
