import { admit, type JobRecord, newRun, NO_PLACES, type RunRecord, type RunRequest } from '@simple-scheduler/core';
import { ContendedError } from '../ports/index.ts';
import { type ApiContext, TRIES_MAX } from '../jobs/context.ts';
import { publishSoon } from '../jobs/tell-bus.ts';
import { promoteWaiting } from '../scheduler/promote-waiting.ts';

/**
 * Inserts a run that someone asked for, as far as the job's places allow (else it waits, or is recorded as skipped),
 * and publishes it. Null where a run with the request's `tickKey` exists.
 * @throws ContendedError where the places change faster than we look
 */
export async function startByHand(
  context: ApiContext,
  job: JobRecord,
  request: Omit<RunRequest, 'id' | 'now' | 'scheduledAt'>,
): Promise<RunRecord | null> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const now = context.clock.now();
    const places = (await context.store.occupancy([job.uid])).get(job.uid) ?? NO_PLACES;
    const run = newRun(job, { ...request, id: context.ids.runId(now), now, scheduledAt: now }, admit(job, places));
    const [outcome] = await context.store.insertRuns([run]);
    if (outcome === 'exists') return null;
    if (outcome !== 'created') continue;
    // The active run may have ended before the waiting one was there to be seen.
    await publishSoon(context, run.waiting ? await promoteWaiting(context, [job.uid]) : [run]);
    return (await context.store.getRun(run.id)) ?? run;
  }
  throw new ContendedError(`the places of job "${job.name}" are taken faster than they are found; try again`);
}
