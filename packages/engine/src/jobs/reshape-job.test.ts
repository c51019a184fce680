import { type JobCreate, jobCreateSchema, type JobPatch } from '@simple-scheduler/contracts';
import type { JobRecord } from '@simple-scheduler/core';
import { describe, expect, it } from 'vitest';
import { ValidationError } from '../ports/index.ts';
import { newJob } from './create-job.ts';
import { type JobDifference, differenceOf, touchesTicks } from './job-difference.ts';
import { wishOfPatch, wishOfReplacement } from './job-fields.ts';
import { reshapeJob } from './reshape-job.ts';

const T0 = Date.parse('2026-03-01T08:00:00.000Z');
const MINUTE = 60_000;
const at = (minutes: number): number => T0 + minutes * MINUTE;
const text = (instant: number): string => new Date(instant).toISOString();

const DEFAULTS: JobCreate = jobCreateSchema.parse({ name: 'report' });

const made = (fields: Partial<JobCreate> = {}): JobRecord => newJob({ ...DEFAULTS, ...fields }, { uid: 'u', now: T0 });
const everyTenMinutes = (fields: Partial<JobCreate> = {}): JobRecord => made({ interval: 10 * MINUTE, ...fields });

/** What a patch at this minute writes; null: nothing. */
function patched(job: JobRecord, patch: JobPatch, now: number): JobDifference | null {
  return differenceOf(job, reshapeJob(job, wishOfPatch(patch), { now, shownNextRunAt: job.nextRunAt }));
}

function replaced(job: JobRecord, fields: Partial<JobCreate>, now: number): JobDifference | null {
  const wish = wishOfReplacement({ ...DEFAULTS, ...fields });
  return differenceOf(job, reshapeJob(job, wish, { now, shownNextRunAt: job.nextRunAt }));
}

function reshaped(job: JobRecord, patch: JobPatch, now: number): JobRecord {
  return reshapeJob(job, wishOfPatch(patch), { now, shownNextRunAt: job.nextRunAt });
}

function fieldsRefused(attempt: () => unknown): string[] {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ValidationError) return error.errors.map(({ path }) => path);
    throw error;
  }
  return [];
}

const whole: Partial<JobCreate> = { interval: 10 * MINUTE };

describe('a new job', () => {
  it('starts an interval one interval from now, on a grid through that tick', () => {
    expect(everyTenMinutes()).toMatchObject({
      nextRunAt: at(10),
      anchorAt: at(10),
      epoch: 0,
      revision: 1,
      leaseToken: 0,
    });
  });
  it('starts a cron at its first time strictly after now', () => {
    expect(made({ cron: '0 8 * * *' })).toMatchObject({ nextRunAt: at(24 * 60), cron: '0 8 * * *' });
  });
  it('starts where it was told to', () => {
    expect(everyTenMinutes({ nextRunAt: text(at(3)) })).toMatchObject({ nextRunAt: at(3), anchorAt: at(3) });
    expect(made({ cron: '0 8 * * *', nextRunAt: text(at(3)) }).nextRunAt).toBe(at(3));
  });
  it('has no tick when it has no schedule and no time', () => {
    expect(made()).not.toHaveProperty('nextRunAt');
    expect(made()).not.toHaveProperty('anchorAt');
  });
  it.each([
    ['cron', { cron: '0 0 30 2 *' }],
    ['cron', { cron: '61 * * * *' }],
    ['timezone', { cron: '0 0 * * *', timezone: 'Mars/Phobos' }],
    ['timezone', { timezone: 'Mars/Phobos' }],
  ])('is refused for its %s', (path, fields) => {
    expect(fieldsRefused(() => made(fields))).toEqual([path]);
  });
});

describe('a patch of the schedule', () => {
  it('begins a changed interval anew, one interval from now', () => {
    expect(patched(everyTenMinutes(), { interval: 3 * MINUTE }, at(5))).toEqual({
      set: { epoch: 1, intervalMs: 3 * MINUTE, nextRunAt: at(8), anchorAt: at(8) },
      unset: [],
    });
  });
  it('leaves an interval that stays on its grid', () => {
    expect(patched(everyTenMinutes(), { interval: 10 * MINUTE }, at(5))).toBeNull();
  });
  it('makes one kind of schedule another', () => {
    expect(patched(everyTenMinutes(), { cron: '0 9 * * *' }, at(5))).toEqual({
      set: { epoch: 1, cron: '0 9 * * *', nextRunAt: at(60) },
      unset: ['intervalMs', 'anchorAt'],
    });
    expect(patched(made({ cron: '0 9 * * *' }), { interval: MINUTE }, at(5))).toEqual({
      set: { epoch: 1, intervalMs: MINUTE, nextRunAt: at(6), anchorAt: at(6) },
      unset: ['cron'],
    });
  });
  it('reads a cron in its new zone, and leaves an interval alone when only the zone changes', () => {
    const cron = made({ cron: '0 9 * * *' });
    expect(patched(cron, { timezone: 'Europe/Berlin' }, at(5))).toEqual({
      set: { epoch: 1, timezone: 'Europe/Berlin', nextRunAt: at(24 * 60) },
      unset: [],
    });
    expect(patched(everyTenMinutes(), { timezone: 'Europe/Berlin' }, at(5))).toEqual({
      set: { timezone: 'Europe/Berlin' },
      unset: [],
    });
  });
  it('takes a schedule away, and its ticks with it', () => {
    expect(patched(everyTenMinutes(), { interval: null }, at(5))).toEqual({
      set: { epoch: 1 },
      unset: ['intervalMs', 'anchorAt', 'nextRunAt'],
    });
  });
  it('turns a done once job into a recurring one that is not completed', () => {
    const { nextRunAt: _, ...done } = { ...made({ nextRunAt: text(at(1)) }), completedAt: at(1) };
    expect(patched(done, { interval: MINUTE }, at(5))).toEqual({
      set: { epoch: 1, intervalMs: MINUTE, nextRunAt: at(6), anchorAt: at(6) },
      unset: ['completedAt'],
    });
  });
  it('is refused for a cron or zone that is none, and never for those that stay', () => {
    expect(() => patched(made({ cron: '0 9 * * *' }), { timezone: 'Nowhere' }, T0)).toThrow(ValidationError);
    expect(() => patched(made(), { cron: '0 0 31 4 *' }, T0)).toThrow(ValidationError);
    const old = { ...made({ cron: '0 9 * * *' }), timezone: 'Zone/Removed' };
    expect(patched(old, { description: 'x' }, T0)).toEqual({ set: { description: 'x' }, unset: [] });
  });
});

describe('a patch of nextRunAt', () => {
  it('moves the grid and makes its ticks new ones', () => {
    expect(patched(everyTenMinutes(), { nextRunAt: text(at(7)) }, at(5))).toEqual({
      set: { nextRunAt: at(7), anchorAt: at(7), epoch: 1 },
      unset: [],
    });
  });
  it('changes nothing when it is what it was', () => {
    expect(patched(everyTenMinutes(), { nextRunAt: text(at(10)) }, at(5))).toBeNull();
  });
  it('may lie in the past, and makes a done once job due again', () => {
    const { nextRunAt: _, ...done } = { ...made({ nextRunAt: text(at(1)) }), completedAt: at(1) };
    expect(patched(done, { nextRunAt: text(at(1)) }, at(5))).toEqual({
      set: { nextRunAt: at(1), epoch: 1 },
      unset: ['completedAt'],
    });
  });
  it('gives it back to the schedule when it is null, and takes it away where there is none', () => {
    const moved = everyTenMinutes({ nextRunAt: text(at(500)) });
    expect(patched(moved, { nextRunAt: null }, at(5))).toEqual({
      set: { nextRunAt: at(15), anchorAt: at(15) },
      unset: [],
    });
    expect(patched(made({ nextRunAt: text(at(9)) }), { nextRunAt: null }, at(5))).toEqual({
      set: {},
      unset: ['nextRunAt'],
    });
  });
  it('goes together with a new schedule, as its first tick', () => {
    expect(patched(everyTenMinutes(), { interval: MINUTE, nextRunAt: text(at(10)) }, at(5))).toEqual({
      set: { epoch: 1, intervalMs: MINUTE },
      unset: [],
    });
  });
});

describe('after the due ticks were settled', () => {
  const job = everyTenMinutes();
  const settled = { ...job, nextRunAt: at(30) };
  const shown = { now: at(25), shownNextRunAt: at(10) };

  it('keeps what was settled through a pause', () => {
    const after = reshapeJob(settled, wishOfPatch({ enabled: false }), shown);
    expect(differenceOf(job, after)).toEqual({ set: { enabled: false, nextRunAt: at(30) }, unset: [] });
  });
  it('takes the nextRunAt that was shown for no move', () => {
    const after = reshapeJob(settled, wishOfPatch({ nextRunAt: text(at(10)), description: 'x' }), shown);
    expect(differenceOf(job, after)).toEqual({ set: { description: 'x', nextRunAt: at(30) }, unset: [] });
  });
  it('goes on from the shown tick by the new interval, after now', () => {
    const after = reshapeJob(settled, wishOfPatch({ nextRunAt: text(at(10)), interval: 4 * MINUTE }), shown);
    expect(after).toMatchObject({ nextRunAt: at(26), anchorAt: at(10), epoch: 1 });
  });
  it('is done when the schedule goes and only the settled tick was left', () => {
    const after = reshapeJob(settled, wishOfPatch({ nextRunAt: text(at(10)), interval: null }), shown);
    expect(after).toMatchObject({ completedAt: at(25) });
    expect(after).not.toHaveProperty('nextRunAt');
  });
});

describe('other bounds', () => {
  const MONTH = 30 * 24 * 60;
  const deferred = everyTenMinutes({ nextRunAt: text(at(MONTH)) });

  it.each<[string, JobPatch, number | undefined]>([
    ['a later end', { endAt: text(at(2 * MONTH)) }, at(MONTH)],
    ['an earlier start', { startAt: text(at(-5)) }, at(MONTH)],
    ['a start that is later', { startAt: text(at(MONTH + 5)) }, at(MONTH + 10)],
    ['an end that is earlier', { endAt: text(at(MONTH - 1)) }, undefined],
  ])('leave a tick that someone set where it is, as far as they can: %s', (_title, patch, next) => {
    for (const enabled of [true, false]) expect(reshaped({ ...deferred, enabled }, patch, at(5)).nextRunAt).toBe(next);
    const cron = made({ cron: '0 * * * *', nextRunAt: text(at(MONTH)) });
    expect(reshaped(cron, patch, at(5)).nextRunAt).toBe(next === at(MONTH + 10) ? at(MONTH + 60) : next);
  });
  it("take the schedule's own next tick along, forth and back", () => {
    const later = reshaped(everyTenMinutes(), { startAt: text(at(31)) }, at(5));
    expect(later).toMatchObject({ nextRunAt: at(40), epoch: 1 });
    expect(reshaped(later, { startAt: null }, at(6))).toMatchObject({ nextRunAt: at(10), epoch: 2 });
    const ended = reshaped(everyTenMinutes(), { endAt: text(at(9)) }, at(5));
    expect(ended).not.toHaveProperty('nextRunAt');
    expect(reshaped(ended, { endAt: null }, at(25)).nextRunAt).toBe(at(30));
  });
  it('leave the next tick where the wish says that it stays there', () => {
    const later = reshaped(everyTenMinutes(), { startAt: text(at(31)) }, at(5));
    expect(reshaped(later, { startAt: null, nextRunAt: text(at(40)) }, at(6)).nextRunAt).toBe(at(40));
    expect(replaced(later, { ...whole, nextRunAt: text(at(0)) }, at(6))?.set).toMatchObject({ nextRunAt: at(10) });
  });
  it('end a declared job, and never begin it anew', () => {
    const running = { ...everyTenMinutes({ nextRunAt: text(at(10)) }), nextRunAt: at(40) };
    const end = { interval: 10 * MINUTE, nextRunAt: text(at(10)), endAt: text(at(39)) };
    expect(replaced(running, end, at(35))).toEqual({ set: { epoch: 1, endAt: at(39) }, unset: ['nextRunAt'] });
    const { nextRunAt: _, ...ended } = { ...running, endAt: at(39), epoch: 1 };
    expect(replaced(ended, end, at(45))).toBeNull();
    expect(replaced(ended, { ...end, interval: 7 * MINUTE }, at(45))).toEqual({
      set: { epoch: 2, intervalMs: 7 * MINUTE },
      unset: [],
    });
  });
  it.each<[string, JobPatch]>([
    ['endAt', { endAt: text(at(9)) }],
    ['startAt', { startAt: text(at(11)) }],
  ])('are refused where %s leaves out the only run of a once job', (path, patch) => {
    const once = made({ nextRunAt: text(at(10)) });
    expect(fieldsRefused(() => patched(once, patch, at(5)))).toEqual([path]);
    expect(fieldsRefused(() => patched({ ...once, enabled: false }, patch, at(15)))).toEqual([path]);
    const { nextRunAt: _, ...done } = { ...once, completedAt: at(10) };
    expect(patched(done, patch, at(15))).not.toBeNull();
  });
});

describe('resuming', () => {
  it.each<[string, (job: JobRecord, now: number) => JobDifference | null]>([
    ['with the nextRunAt that is shown', (job, now) => patched(job, { enabled: true, nextRunAt: text(at(20)) }, now)],
    ['by declaring it as it is shown', (job, now) => replaced(job, { ...whole, nextRunAt: text(at(20)) }, now)],
    ['by declaring how it began', (job, now) => replaced(job, { ...whole, nextRunAt: text(at(10)) }, now)],
    ['by declaring a moment of the pause', (job, now) => replaced(job, { ...whole, nextRunAt: text(at(30)) }, now)],
    ['by declaring no moment', (job, now) => replaced(job, whole, now)],
  ])('does not owe the ticks of the pause, said %s', (_title, resume) => {
    const paused = { ...everyTenMinutes(), nextRunAt: at(20), enabled: false };
    expect(resume(paused, at(75))).toEqual({ set: { enabled: true, nextRunAt: at(80) }, unset: [] });
  });
  it('owes none of a new grid either, which starts where it was told to', () => {
    const paused = { ...everyTenMinutes(), nextRunAt: at(20), enabled: false };
    const faster = { interval: MINUTE, nextRunAt: text(at(20)) };
    const begun = { enabled: true, intervalMs: MINUTE, anchorAt: at(20), nextRunAt: at(76), epoch: 1 };
    expect(replaced(paused, faster, at(75))).toEqual({ set: begun, unset: [] });
    expect(patched(paused, { ...faster, enabled: true }, at(75))).toEqual({ set: begun, unset: [] });
  });
  it('owes nothing where the end has passed in the pause', () => {
    const paused = { ...everyTenMinutes({ endAt: text(at(35)) }), nextRunAt: at(20), enabled: false };
    expect(patched(paused, { enabled: true }, at(75))).toEqual({ set: { enabled: true }, unset: ['nextRunAt'] });
  });
  it('does not owe the ticks of the pause', () => {
    const paused = { ...everyTenMinutes(), enabled: false };
    expect(patched(paused, { enabled: true }, at(35))).toEqual({
      set: { enabled: true, nextRunAt: at(40) },
      unset: [],
    });
    const cron = { ...made({ cron: '0 9 * * *' }), enabled: false };
    expect(patched(cron, { enabled: true }, at(61))).toEqual({
      set: { enabled: true, nextRunAt: at(60 + 24 * 60) },
      unset: [],
    });
  });
  it('keeps a tick that is still to come, and the time of a once job', () => {
    const paused = { ...everyTenMinutes(), enabled: false };
    expect(patched(paused, { enabled: true }, at(5))).toEqual({ set: { enabled: true }, unset: [] });
    const once = { ...made({ nextRunAt: text(at(1)) }), enabled: false };
    expect(patched(once, { enabled: true }, at(35))).toEqual({ set: { enabled: true }, unset: [] });
  });
  it('does as it is told about nextRunAt', () => {
    const paused = { ...everyTenMinutes(), enabled: false };
    expect(patched(paused, { enabled: true, nextRunAt: text(at(1)) }, at(35))).toEqual({
      set: { enabled: true, nextRunAt: at(1), anchorAt: at(1), epoch: 1 },
      unset: [],
    });
  });
});

describe('a replacement', () => {
  it('changes nothing when it is what the job is', () => {
    expect(replaced(everyTenMinutes(), { interval: 10 * MINUTE }, at(5))).toBeNull();
    expect(replaced(everyTenMinutes(), { interval: 10 * MINUTE, nextRunAt: text(at(10)) }, at(5))).toBeNull();
    expect(replaced(made(), {}, at(5))).toBeNull();
  });
  it('gives absent fields their defaults', () => {
    const job = everyTenMinutes({
      description: 'x',
      payload: null,
      meta: { a: 'b' },
      workQueue: 'q',
      maxQueueCount: 3,
    });
    expect(replaced(job, { interval: 10 * MINUTE }, at(5))).toEqual({
      set: { maxQueueCount: 0 },
      unset: ['description', 'payload', 'meta', 'workQueue'],
    });
  });
  it('does not run again what it was created with and what has run', () => {
    const running = { ...everyTenMinutes({ nextRunAt: text(at(10)) }), nextRunAt: at(40) };
    expect(replaced(running, { interval: 10 * MINUTE, nextRunAt: text(at(10)) }, at(35))).toBeNull();
    const { nextRunAt: _, ...done } = { ...made({ nextRunAt: text(at(10)) }), completedAt: at(10) };
    expect(replaced(done, { nextRunAt: text(at(10)) }, at(35))).toBeNull();
    const cron = { ...made({ cron: '0 9 * * *', nextRunAt: text(at(10)) }), nextRunAt: at(60) };
    expect(replaced(cron, { cron: '0 9 * * *', nextRunAt: text(at(10)) }, at(35))).toBeNull();
  });
  it('moves to a time that is still to come', () => {
    const running = { ...everyTenMinutes(), nextRunAt: at(40) };
    expect(replaced(running, { interval: 10 * MINUTE, nextRunAt: text(at(37)) }, at(35))).toEqual({
      set: { nextRunAt: at(37), anchorAt: at(37), epoch: 1 },
      unset: [],
    });
  });
  it('takes a start in the past for the grid of a new interval', () => {
    const running = { ...everyTenMinutes(), nextRunAt: at(40) };
    expect(replaced(running, { interval: 7 * MINUTE, nextRunAt: text(at(10)) }, at(35))).toEqual({
      set: { epoch: 1, intervalMs: 7 * MINUTE, nextRunAt: at(38) },
      unset: [],
    });
    expect(replaced(running, { interval: 10 * MINUTE, nextRunAt: text(at(3)) }, at(35))).toEqual({
      set: { epoch: 1, nextRunAt: at(43), anchorAt: at(3) },
      unset: [],
    });
  });
  it('lets a schedule become a single run in the past, which is a new one', () => {
    const running = { ...everyTenMinutes(), nextRunAt: at(40) };
    expect(replaced(running, { nextRunAt: text(at(10)) }, at(35))).toEqual({
      set: { nextRunAt: at(10), epoch: 1 },
      unset: ['intervalMs', 'anchorAt'],
    });
  });
});

describe('what a change touches', () => {
  it.each<[boolean, JobPatch]>([
    [true, { enabled: false }],
    [true, { interval: MINUTE }],
    [true, { nextRunAt: text(at(7)) }],
    [true, { misfirePolicy: 'skip' }],
    [true, { jitter: MINUTE }],
    [false, { description: 'x' }],
    [false, { payload: [1] }],
    [false, { maxQueueCount: 3 }],
    [false, { timezone: 'Europe/Berlin' }],
  ])('%s: %j', (touched, patch) => {
    const job = everyTenMinutes();
    const after = reshapeJob(job, wishOfPatch(patch), { now: at(5), shownNextRunAt: job.nextRunAt });
    expect(touchesTicks(job, after)).toBe(touched);
  });
});
