/**
 * What a wish makes of a job, as a plain function. It is one of four:
 *
 * - A **move**: a `nextRunAt` that is neither the one shown nor, where the whole job is declared, behind it. The job goes
 *   there, also back. Only a move makes ticks new that lie behind the job.
 * - A **beginning**: another interval, cron or zone, or `nextRunAt: null`. The schedule begins after now.
 * - Another schedule **along** a `nextRunAt` that is no move: that is where its grid starts, and its first tick if it is
 *   still to come; else its first tick comes after now.
 * - All else **goes on**: the next tick stays the next one, also one that someone set, as far as the bounds allow it.
 *
 * So whatever is no move has no tick at or before now, with two exceptions: ticks that wait for their jitter, where
 * nothing about them changes, and the only tick of a once job. What passed in a pause is therefore never owed, however
 * the resume is said. Everything that changes which ticks there are is a new epoch: a scheduler that has read the job
 * before cannot move it on by the old rule, and one whose clock is ahead has recorded ticks of the old rule only.
 */
import type { JobRecord } from '@simple-scheduler/core';
import { beginning, isRecurring, startingAt, tickAfter, tickFrom } from './first-tick.ts';
import type { JobWish } from './job-fields.ts';
import { boundProblems, onlyRunProblems, refuseWith, scheduleProblems } from './job-rules.ts';

export interface Moment {
  readonly now: number;
  /** `nextRunAt` as the user could see it. The job's may be ahead of it, when its due ticks have just been settled. */
  readonly shownNextRunAt: number | undefined;
}

/** @throws ValidationError naming each field that breaks a rule, or the bound that leaves out a once job's run */
export function reshapeJob(job: JobRecord, wish: JobWish, moment: Moment): JobRecord {
  const shaped = shapedBy(job, wish);
  const isOther = changesRule(job, shaped) || changesBounds(job, shaped);
  refuseWith([
    ...(isOther || shaped.timezone !== job.timezone ? scheduleProblems(shaped) : []),
    ...(isOther || typeof wish.nextRunAt === 'number' ? boundProblems(shaped, wish.nextRunAt) : []),
  ]);
  const { isNew = isOther, ...timing } = timingOf(job, shaped, wish, moment);
  const epoch = isNew ? { epoch: job.epoch + 1 } : {};
  const reshaped: JobRecord = { ...shaped, ...epoch, ...present(timing) };
  // What is due already is settled before the bounds apply.
  const isDue = job.enabled && job.nextRunAt !== undefined && job.nextRunAt <= moment.now;
  if (changesBounds(job, shaped) && !isDue && !isRecurring(shaped)) refuseWith(onlyRunProblems(reshaped));
  return reshaped;
}

/** The job with the wished fields, and without those that tell where it stands. */
function shapedBy(job: JobRecord, wish: JobWish): JobRecord {
  const {
    nextRunAt: _n,
    anchorAt: _a,
    completedAt: _c,
    intervalMs: _i,
    cron: _r,
    startAt: _s,
    endAt: _e,
    ...rest
  } = job;
  const kept: Record<string, unknown> = { ...rest, ...wish.plain };
  for (const field of wish.cleared) delete kept[field];
  return {
    ...(kept as unknown as JobRecord),
    ...scheduleFields(job, wish),
    ...boundFields(job, wish),
    timezone: wish.timezone ?? job.timezone,
  };
}

/** Where a job stands. What is undefined is absent, never what it was. */
interface Standing {
  readonly nextRunAt?: number | undefined;
  readonly anchorAt?: number | undefined;
  readonly completedAt?: number | undefined;
}

type Timing = Standing & { readonly isNew?: boolean };

function timingOf(job: JobRecord, shaped: JobRecord, wish: JobWish, moment: Moment): Timing {
  const { now } = moment;
  const at = wish.nextRunAt;
  if (typeof at === 'number') {
    if (isMove(job, shaped, { at, declared: wish.declared }, moment)) return { ...startingAt(shaped, at), isNew: true };
    if (changesRule(job, shaped) || !isOnGrid(job, at)) return { ...along(job, shaped, at, now), isNew: true };
    return goesOn(job, shaped, { now, isStated: at === job.nextRunAt });
  }
  if (at === undefined && !changesRule(job, shaped)) return goesOn(job, shaped, { now, isStated: false });
  return { ...beginning(shaped, now), ...(isRecurring(shaped) ? {} : { completedAt: job.completedAt }) };
}

function isMove(
  job: JobRecord,
  shaped: JobRecord,
  { at, declared }: { at: number; declared: boolean },
  { now, shownNextRunAt }: Moment,
): boolean {
  if (at === shownNextRunAt) return false;
  if (!declared || at > now) return true;
  // A schedule has been everywhere up to now. As a single tick nobody has seen any of it, so that is a new one.
  if (isRecurring(job)) return !isRecurring(shaped);
  return shownNextRunAt === undefined ? job.completedAt === undefined || at > job.completedAt : at > shownNextRunAt;
}

function along(job: JobRecord, shaped: JobRecord, at: number, now: number): Standing {
  const started = startingAt(shaped, at);
  if (at > now) return started;
  if (isRecurring(shaped)) return { ...started, nextRunAt: tickAfter({ ...shaped, ...started }, now) };
  // The schedule is taken away, and its last tick was due: it is settled. That of a pause is the only one of a once job now.
  return job.enabled ? { completedAt: now } : started;
}

/** `isStated`: the wish names the next tick, as it is. */
function goesOn(job: JobRecord, shaped: JobRecord, { now, isStated }: { now: number; isStated: boolean }): Standing {
  const { nextRunAt, anchorAt, completedAt } = job;
  const asItWas = { nextRunAt, anchorAt, completedAt };
  if (!isRecurring(shaped)) return asItWas;
  const onward = { ...shaped, ...present({ anchorAt }) };
  if (changesBounds(job, shaped)) {
    // The schedule's own tick follows the bounds, forth and back; one that was set stays where it is.
    const isSet = isStated || nextRunAt !== tickAfter(job, now);
    const isKept = isSet && nextRunAt !== undefined && nextRunAt > now;
    return { ...asItWas, nextRunAt: isKept ? tickFrom(onward, nextRunAt) : tickAfter(onward, now) };
  }
  const isResumed = !job.enabled && shaped.enabled;
  if (!isResumed || nextRunAt === undefined || nextRunAt > now) return asItWas;
  return { ...asItWas, nextRunAt: tickAfter(onward, now) };
}

function isOnGrid({ intervalMs, anchorAt, createdAt }: JobRecord, at: number): boolean {
  return intervalMs === undefined || (at - (anchorAt ?? createdAt)) % intervalMs === 0;
}

function present(standing: Standing): Pick<JobRecord, keyof Standing> {
  return Object.fromEntries(Object.entries(standing).filter(([, value]) => value !== undefined));
}

function scheduleFields(job: JobRecord, wish: JobWish): Pick<JobRecord, 'intervalMs' | 'cron'> {
  const intervalMs = wish.intervalMs === undefined ? job.intervalMs : (wish.intervalMs ?? undefined);
  const cron = wish.cron === undefined ? job.cron : (wish.cron ?? undefined);
  return { ...(intervalMs === undefined ? {} : { intervalMs }), ...(cron === undefined ? {} : { cron }) };
}

function boundFields(job: JobRecord, wish: JobWish): Pick<JobRecord, 'startAt' | 'endAt'> {
  const startAt = wish.startAt === undefined ? job.startAt : (wish.startAt ?? undefined);
  const endAt = wish.endAt === undefined ? job.endAt : (wish.endAt ?? undefined);
  return { ...(startAt === undefined ? {} : { startAt }), ...(endAt === undefined ? {} : { endAt }) };
}

const changesBounds = (before: JobRecord, after: JobRecord): boolean =>
  before.startAt !== after.startAt || before.endAt !== after.endAt;

/** A zone is part of the schedule only where a cron is read in it. */
function changesRule(before: JobRecord, after: JobRecord): boolean {
  if (before.intervalMs !== after.intervalMs || before.cron !== after.cron) return true;
  return after.cron !== undefined && before.timezone !== after.timezone;
}
