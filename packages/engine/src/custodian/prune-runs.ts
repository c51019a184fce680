/**
 * Removes old run records, a little at a time. One turn looks at a page of jobs, and goes on after it in the next turn;
 * the jobs themselves say how much of theirs is kept, else the settings do. Runs of deleted jobs are found by looking
 * which jobs there are runs of, a few at a time, and go when they are old enough: nothing asks for them any more.
 *
 * What keeps a tick from running twice is its record, until the job has moved past it. So a record goes only when
 * `nextRunAt` is beyond its tick, and only a while after its end: whoever loaded the job before it moved on has either
 * inserted the record again by then, in vain, or finds that its picture is too old (`PICTURE_MAX_AGE_MS`).
 */
import type { JobRecord } from '@simple-scheduler/core';
import type { RunPruning } from '../ports/index.ts';
import { PICTURE_MAX_AGE_MS } from '../scheduler/settle-due-ticks.ts';
import { settleRequests } from '../runs/start-once.ts';
import type { CustodianContext } from './free-stuck-jobs.ts';

export interface RetentionSettings {
  /** Newest records kept of each job; 0: no bound. */
  readonly retentionCount: number;
  /** How long ended runs are kept, ms; 0: no bound. */
  readonly retentionAgeMs: number;
}

export interface RunPruner {
  /** One turn, bounded; the next one goes on where it ended. `more`: there is more to remove right away. */
  turn(): Promise<{ removed: number; more: boolean }>;
}

/** Longer than a picture may be old, with time to spare for a slow store and for clocks that differ. */
const KEPT_FOR_MS = 2 * PICTURE_MAX_AGE_MS;
const JOBS_PER_TURN = 100;
const DELETED_JOBS_PER_TURN = 20;
const REMOVALS_PER_TURN = 500;
/** How long what was answered under an idempotency key is kept at least. */
const REQUESTS_KEPT_MS = 24 * 3_600_000;

export function createRunPruner(context: CustodianContext, settings: RetentionSettings): RunPruner {
  /** Where the walks through the jobs, and through the jobs of the runs, have come to. */
  let afterJob: string | undefined;
  let afterUid: string | undefined;

  async function pruneJobs(now: number): Promise<number> {
    const { jobs, next } = await context.store.listJobs({ limit: JOBS_PER_TURN, ...after(afterJob) });
    const prunings = jobs.flatMap((job) => pruningOf(job, settings, now));
    const page = afterJob;
    // Before it is done: a page that fails each time must not keep the others waiting. The next round comes to it again.
    afterJob = next;
    const removed = await context.store.pruneRuns(prunings, REMOVALS_PER_TURN);
    if (removed >= REMOVALS_PER_TURN) afterJob = page;
    return removed;
  }

  async function pruneDeletedJobs(now: number, limit: number): Promise<number> {
    if (settings.retentionAgeMs === 0) return 0;
    const found = await context.store.listJobsOfRuns({ limit: DELETED_JOBS_PER_TURN, ...after(afterUid) });
    const present = await context.store.getJobs(found.map(({ jobName }) => jobName));
    const uids = new Set(present.map(({ uid }) => uid));
    const olderThan = now - Math.max(settings.retentionAgeMs, KEPT_FOR_MS);
    const prunings = found
      .filter(({ jobUid }) => !uids.has(jobUid))
      .map((job) => ({ ...job, olderThan, endedBefore: olderThan, keepLast: false }));
    const page = afterUid;
    afterUid = found.length < DELETED_JOBS_PER_TURN ? undefined : found.at(-1)?.jobUid;
    const removed = await context.store.pruneRuns(prunings, limit);
    if (removed >= limit) afterUid = page;
    return removed;
  }

  return {
    turn: async () => {
      // The database's clock: custodians on other machines must not have another idea of what is old.
      const { now } = await context.store.listManagers();
      // Before any run goes that a request has made: later, nobody could tell that it did.
      await settleRequests(context.store);
      const forgotten = await context.store.forgetRequests(now - REQUESTS_KEPT_MS, REMOVALS_PER_TURN);
      const ofJobs = await pruneJobs(now);
      const left = REMOVALS_PER_TURN - ofJobs;
      const ofDeleted = left > 0 ? await pruneDeletedJobs(now, left) : 0;
      const removed = ofJobs + ofDeleted;
      context.meter.count('runs_pruned_total', removed);
      if (removed > 0) context.log.debug({ removed }, 'removed old run records');
      return { removed, more: removed >= REMOVALS_PER_TURN || forgotten >= REMOVALS_PER_TURN };
    },
  };
}

const after = <T>(last: T | undefined): { after?: T } => (last === undefined ? {} : { after: last });

/** What may go of this job; nothing where neither number nor age is bounded. */
function pruningOf(job: JobRecord, settings: RetentionSettings, now: number): RunPruning[] {
  const keep = job.retentionCount ?? settings.retentionCount;
  const ageMs = job.retentionAgeMs ?? settings.retentionAgeMs;
  if (keep === 0 && ageMs === 0) return [];
  const { uid, epoch, nextRunAt } = job;
  return [
    {
      jobUid: uid,
      jobName: job.name,
      ...(keep === 0 ? {} : { keep }),
      ...(ageMs === 0 ? {} : { olderThan: now - ageMs }),
      endedBefore: now - KEPT_FOR_MS,
      keepLast: true,
      ...(nextRunAt === undefined ? {} : { unsettled: { epoch, from: nextRunAt } }),
    },
  ];
}
