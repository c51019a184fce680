/**
 * The ledger of a job's ticks: records of ticks, and between them the ticks of the schedule in force that have none.
 *
 * Of the present epoch each tick from `owedFrom` up to `nextRunAt` must have a record, unless retention may have removed
 * it: without one it is `missing`, which never happens as long as the engine keeps its word. What comes from `nextRunAt`
 * on is `due`, if the job is enabled. Ticks of earlier epochs are listed where they have a record; which schedule they
 * came from is not known any more.
 */
import type { TickOutcome } from '@simple-scheduler/contracts/vocabulary';
import { isTickOf, type JobRecord, type RunRecord } from '@simple-scheduler/core';
import type { TickPosition } from '../ports/index.ts';
import { jobTicks } from '../scheduler/job-ticks.ts';

export interface LedgerEntry {
  readonly scheduledAt: number;
  readonly outcome: TickOutcome;
  /** Absent for `due` and `missing`. */
  readonly run?: RunRecord;
}

export interface LedgerPage {
  readonly entries: readonly LedgerEntry[];
  /** The place of the last entry, while there are more. */
  readonly next?: TickPosition;
}

export interface LedgerInput {
  readonly job: JobRecord;
  readonly now: number;
  /** First and last moment at which a tick without a record is shown. */
  readonly from: number;
  readonly to: number;
  /** In the order of the listing, with one more than `limit` where there are so many. */
  readonly records: readonly RunRecord[];
  /** Ticks of the present epoch up to here are covered by a row of skipped ones that begins before `from`. */
  readonly coveredTo?: number;
  readonly limit: number;
}

/** One page, oldest first. Costs as many steps as it is given records and may have entries. */
export function ledgerPage(input: LedgerInput): LedgerPage {
  const { job, records, limit } = input;
  const own = records.filter((run) => isTickOf(run.tickKey, job));
  const recorded = new Set(own.map((run) => run.scheduledAt));
  const unrecorded = ticksWithoutRecord(input);
  const entries: LedgerEntry[] = [];
  let coveredTo = input.coveredTo ?? Number.NEGATIVE_INFINITY;
  let open = unrecorded(input.from - 1);
  for (let i = 0; entries.length <= limit; ) {
    while (open !== null && (open.scheduledAt <= coveredTo || recorded.has(open.scheduledAt)))
      open = unrecorded(Math.max(open.scheduledAt, coveredTo));
    const run = records[i];
    if (run !== undefined && (open === null || run.scheduledAt < open.scheduledAt)) {
      entries.push({ scheduledAt: run.scheduledAt, outcome: run.status, run });
      if (run.spanTo !== undefined && isTickOf(run.tickKey, job)) coveredTo = Math.max(coveredTo, run.spanTo);
      i += 1;
    } else if (open !== null) {
      entries.push(open);
      open = unrecorded(open.scheduledAt);
    } else break;
  }
  const page = entries.slice(0, limit);
  const last = page.at(-1);
  if (entries.length <= limit || last === undefined) return { entries: page };
  return { entries: page, next: { at: last.scheduledAt, id: last.run?.id ?? '' } };
}

/** The first tick after a moment that is shown where it has no record, and as what; null: none is left in the window. */
function ticksWithoutRecord({ job, now, to }: LedgerInput): (after: number) => LedgerEntry | null {
  const next = ticksInForce(job);
  const { nextRunAt, prunedTo = Number.NEGATIVE_INFINITY } = job;
  // A job without a next tick has passed all that it ever had.
  const passedTo = nextRunAt === undefined ? now : nextRunAt - 1;
  return (after) => {
    const tick = next(after < passedTo ? Math.max(after, Math.min(prunedTo, passedTo)) : after);
    if (tick === null || tick > to) return null;
    if (tick <= passedTo) return { scheduledAt: tick, outcome: 'missing' };
    return job.enabled && nextRunAt !== undefined ? { scheduledAt: tick, outcome: 'due' } : null;
  };
}

/** Ticks from the first owed one on; that and the next one count also where the schedule has none (set by a user). */
function ticksInForce(job: JobRecord): (after: number) => number | null {
  const source = jobTicks(job);
  const given = [job.owedFrom, job.nextRunAt].filter((tick) => tick !== undefined);
  if (given.length === 0) return () => null;
  const first = Math.min(...given);
  return (after) => {
    const tick = source.next(Math.max(after, first));
    const candidates = [...given, ...(tick === null ? [] : [tick])].filter((at) => at > after);
    return candidates.length === 0 ? null : Math.min(...candidates);
  };
}
