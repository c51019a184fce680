/**
 * What a wish makes of a job, as a plain function. The rules, for changes without an explicit `nextRunAt`: a schedule
 * that stays keeps its ticks; one that changes begins anew after now; a job that is resumed does not owe the ticks of
 * its pause. An explicit `nextRunAt` that differs is a wish to run then, even again: the epoch grows, which makes its
 * ticks new ones.
 */
import type { JobRecord } from '@simple-scheduler/core';
import { beginning, isRecurring, startingAt, tickAfter } from './first-tick.ts';
import type { JobWish } from './job-fields.ts';
import { boundProblems, refuseWith, scheduleProblems } from './job-rules.ts';

export interface Moment {
  readonly now: number;
  /** `nextRunAt` as the user could see it. The job's may be ahead of it, when its due ticks have just been settled. */
  readonly shownNextRunAt: number | undefined;
}

/** @throws ValidationError naming each field that breaks a rule */
export function reshapeJob(job: JobRecord, wish: JobWish, moment: Moment): JobRecord {
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
  const shaped = {
    ...(kept as unknown as JobRecord),
    ...scheduleFields(job, wish),
    ...boundFields(job, wish),
    timezone: wish.timezone ?? job.timezone,
  };
  const changed = changesSchedule(job, shaped);
  refuseWith([
    ...(changed || shaped.timezone !== job.timezone ? scheduleProblems(shaped) : []),
    ...(changed || typeof wish.nextRunAt === 'number' ? boundProblems(shaped, wish.nextRunAt) : []),
  ]);
  // Clocks differ: a scheduler's may be ahead and have recorded ticks that are still to come here. Ticks of the new
  // schedule must not be taken for ticks of the old one.
  const epoch = changed ? { epoch: job.epoch + 1 } : {};
  return { ...shaped, ...epoch, ...timing(job, shaped, wish, moment) };
}

type Timing = Pick<JobRecord, 'nextRunAt' | 'anchorAt' | 'completedAt'> & { epoch?: number };

function timing(job: JobRecord, shaped: JobRecord, wish: JobWish, moment: Moment): Timing {
  const { now, shownNextRunAt } = moment;
  const changed = changesSchedule(job, shaped);
  if (typeof wish.nextRunAt === 'number') {
    if (wish.nextRunAt === shownNextRunAt) return changed ? from(job, shaped, wish.nextRunAt, moment) : asItWas(job);
    if (wish.declared && isServed(job, wish.nextRunAt, moment)) return served(job, shaped, wish.nextRunAt, now);
    return { ...startingAt(shaped, wish.nextRunAt), epoch: job.epoch + 1 };
  }
  const kept = job.completedAt === undefined || isRecurring(shaped) ? {} : { completedAt: job.completedAt };
  if (wish.nextRunAt !== null && changed && !changesRule(job, shaped)) return withinBounds(job, shaped, now);
  if (wish.nextRunAt === null || changed) return { ...beginning(shaped, now), ...kept };
  const resumed = !job.enabled && shaped.enabled && isRecurring(shaped);
  if (resumed && job.nextRunAt !== undefined && job.nextRunAt <= now) {
    return { ...asItWas(job), ...present({ nextRunAt: tickAfter({ ...shaped, ...asItWas(job) }, now) }) };
  }
  return asItWas(job);
}

/** The same ticks between other bounds. */
function withinBounds(job: JobRecord, shaped: JobRecord, now: number): Timing {
  const { nextRunAt: _, ...kept } = asItWas(job);
  if (!isRecurring(shaped)) return asItWas(job);
  return { ...kept, ...present({ nextRunAt: tickAfter({ ...shaped, ...kept }, now) }) };
}

/** A new schedule from the tick on that the job showed already; what was due of it is settled, or not owed. */
function from(job: JobRecord, shaped: JobRecord, firstAt: number, { now, shownNextRunAt }: Moment): Timing {
  if (job.nextRunAt === shownNextRunAt) return startingAt(shaped, firstAt);
  if (!isRecurring(shaped)) return { completedAt: job.completedAt ?? now };
  const started = startingAt(shaped, firstAt);
  return { ...started, ...present({ nextRunAt: tickAfter({ ...shaped, ...started }, now) }) };
}

/** Whether a declared `nextRunAt` lies behind the job: the first tick that it was once created with. */
function isServed(job: JobRecord, firstAt: number, { now, shownNextRunAt }: Moment): boolean {
  if (firstAt > now) return false;
  return shownNextRunAt === undefined
    ? job.completedAt !== undefined && firstAt <= job.completedAt
    : firstAt < shownNextRunAt;
}

function served(job: JobRecord, shaped: JobRecord, firstAt: number, now: number): Timing {
  if (!isRecurring(shaped)) {
    // A schedule that became a single tick in the past: nobody has seen that tick as such, so it is one.
    return isRecurring(job) ? { ...startingAt(shaped, firstAt), epoch: job.epoch + 1 } : asItWas(job);
  }
  const sameGrid =
    shaped.intervalMs === undefined ||
    (job.anchorAt !== undefined && (firstAt - job.anchorAt) % shaped.intervalMs === 0);
  if (!changesSchedule(job, shaped) && sameGrid) return asItWas(job);
  const started = startingAt(shaped, firstAt);
  return { ...started, ...present({ nextRunAt: tickAfter({ ...shaped, ...started }, now) }) };
}

const asItWas = (job: JobRecord): Timing =>
  present({ nextRunAt: job.nextRunAt, anchorAt: job.anchorAt, completedAt: job.completedAt });

function present(fields: { [K in keyof Timing]: Timing[K] | undefined }): Timing {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
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

export function changesSchedule(before: JobRecord, after: JobRecord): boolean {
  return changesRule(before, after) || before.startAt !== after.startAt || before.endAt !== after.endAt;
}

/** A zone is part of the schedule only where a cron is read in it. */
function changesRule(before: JobRecord, after: JobRecord): boolean {
  if (before.intervalMs !== after.intervalMs || before.cron !== after.cron) return true;
  return after.cron !== undefined && before.timezone !== after.timezone;
}
