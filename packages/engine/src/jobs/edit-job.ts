import type { JobPatch } from '@simple-scheduler/contracts';
import type { JobRecord } from '@simple-scheduler/core';
import { ContendedError } from '../ports/index.ts';
import { promoteWaiting } from '../scheduler/promote-waiting.ts';
import { type ApiContext, TRIES_MAX } from './context.ts';
import { checkExpectation, type Expectation } from './expectation.ts';
import { differenceOf, leavesTicks, touchesTicks } from './job-difference.ts';
import { type JobWish, wishOfMergePatch, wishOfPatch } from './job-fields.ts';
import { jobNamed } from './job-named.ts';
import { moveTopology } from './move-topology.ts';
import { withOwedTicks } from './owed-ticks.ts';
import { reshapeJob } from './reshape-job.ts';
import { settleBeforeEdit, waitsForJitter } from './settle-before-edit.ts';
import { announceJob, publishSoon } from './tell-bus.ts';

export interface EditOptions {
  readonly expected?: Expectation | undefined;
  /** `meta` and `payload` go into those of the job (RFC 7396) instead of taking their place. */
  readonly merge?: boolean;
}

/**
 * Changes a job. What changes nothing is not written, and keeps the revision.
 * @throws NotFoundError, ValidationError naming each field that breaks a rule, PreconditionFailedError (`expected`), ContendedError
 */
export async function editJob(
  context: ApiContext,
  name: string,
  patch: JobPatch,
  { expected, merge = false }: EditOptions = {},
): Promise<JobRecord> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    // Before it is read: what is settled of it must not rest on an older picture than it seems.
    const now = context.clock.now();
    const job = await jobNamed(context, name);
    checkExpectation(job, expected);
    const wish = merge ? wishOfMergePatch(job, patch) : wishOfPatch(patch);
    const edited = await tryEdit(context, job, { wish, now });
    if (edited !== null) return edited;
  }
  throw new ContendedError(`job "${name}" is being changed by others; try again`);
}

/** Its ticks start no runs from now on; what runs goes on. @throws as `editJob` */
export const pauseJob = (context: ApiContext, name: string, expected?: Expectation): Promise<JobRecord> =>
  editJob(context, name, { enabled: false }, { expected });

/** Its ticks start runs again, from the next one on. @throws as `editJob` */
export const resumeJob = (context: ApiContext, name: string, expected?: Expectation): Promise<JobRecord> =>
  editJob(context, name, { enabled: true }, { expected });

/** The job after the change; null where it was changed meanwhile: read it again. `now` is from before it was read. */
export async function tryEdit(
  context: ApiContext,
  job: JobRecord,
  { wish, now: lookedAt }: { wish: JobWish; now: number },
): Promise<JobRecord | null> {
  // This edit comes after the one before it, also where it began earlier: it answers for what was due in between.
  const now = Math.max(lookedAt, job.updatedAt);
  const shown = { now, shownNextRunAt: job.nextRunAt };
  let settled = job;
  let after = reshapeJob(job, wish, shown);
  if (differenceOf(job, after) === null) return job;
  if (job.enabled && touchesTicks(job, after)) {
    settled = await settleBeforeEdit(context, job, { now, atOnce: false });
    after = reshapeJob(settled, wish, shown);
    if (waitsForJitter(settled, now) && !leavesTicks(settled, after)) {
      settled = await settleBeforeEdit(context, settled, { now, atOnce: true });
      after = reshapeJob(settled, wish, shown);
    }
  }
  return write(context, job, withOwedTicks(settled, after), now);
}

async function write(context: ApiContext, job: JobRecord, after: JobRecord, now: number): Promise<JobRecord | null> {
  const difference = differenceOf(job, after);
  // Never null here: settling ticks does not undo a wish.
  if (difference === null) return job;
  const result = await context.store.editJob({
    name: job.name,
    guard: { uid: job.uid, revision: job.revision, nextRunAt: job.nextRunAt },
    set: { ...difference.set, updatedAt: now },
    unset: difference.unset,
    free: !after.enabled || after.nextRunAt === undefined,
  });
  if (result.outcome !== 'updated') return null;
  await Promise.all([announceJob(context, job.name), moveTopology(context, job, result.job)]);
  if (!job.allowConcurrentRuns && after.allowConcurrentRuns) {
    // None of its waiting runs has to wait any more. Those made meanwhile by who has read the job before, the watchdog finds.
    await publishSoon(context, await promoteWaiting(context, [job.uid]));
  }
  return result.job;
}
