/**
 * The rules of `reshapeJob` over random histories: jobs are edited, paused and resumed while time passes, and what is due
 * at each edit is settled by walking the schedule.
 */
import { type JobCreate, jobCreateSchema, type JobPatch } from '@simple-scheduler/contracts';
import type { JobRecord } from '@simple-scheduler/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValidationError } from '../ports/index.ts';
import { jobTicks } from '../scheduler/job-ticks.ts';
import { newJob } from './create-job.ts';
import { isRecurring } from './first-tick.ts';
import { differenceOf } from './job-difference.ts';
import { type JobWish, wishOfPatch, wishOfReplacement } from './job-fields.ts';
import { reshapeJob } from './reshape-job.ts';

const T0 = Date.parse('2026-03-01T08:00:00.000Z');
const MINUTE = 60_000;
const text = (minutes: number): string => new Date(T0 + minutes * MINUTE).toISOString();

const minute = fc.integer({ min: -30, max: 200 });
const instant = minute.map(text);
const schedule = fc.oneof(
  fc.constantFrom(1, 7, 10, 60).map((minutes) => ({ interval: minutes * MINUTE })),
  fc.constantFrom('*/5 * * * *', '0 * * * *').map((cron) => ({ cron })),
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });
/** Without what is undefined. */
const defined = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const creation = fc
  .record({
    schedule: fc.oneof(schedule, fc.constant({})),
    startAt: maybe(instant),
    endAt: maybe(instant),
    nextRunAt: maybe(instant),
    enabled: fc.boolean(),
  })
  .map(({ schedule: of, ...rest }) => jobCreateSchema.parse({ name: 'a', ...of, ...defined(rest) }));

/** Where an edit takes its `nextRunAt` from. */
type Source = 'none' | 'shown' | 'past';
interface Edit {
  readonly after: number;
  readonly declares: boolean;
  readonly fields: JobPatch;
  readonly source: Source;
  readonly past: number;
}
/** Any edit that is no wish to run at a moment of its own. */
const edit: fc.Arbitrary<Edit> = fc.record({
  after: fc.integer({ min: 0, max: 40 * MINUTE }),
  declares: fc.boolean(),
  fields: fc
    .record({ schedule: maybe(schedule), startAt: maybe(instant), endAt: maybe(instant), enabled: maybe(fc.boolean()) })
    .map(({ schedule: of, ...rest }) => defined({ ...of, ...rest }) as JobPatch),
  source: fc.constantFrom<Source>('none', 'shown', 'past'),
  past: fc.integer({ min: 0, max: 120 }),
});

function wishOf(job: JobRecord, { declares, fields, source, past }: Edit, now: number): JobWish {
  const shown = job.nextRunAt === undefined ? {} : { nextRunAt: new Date(job.nextRunAt).toISOString() };
  if (!declares) return wishOfPatch({ ...fields, ...(source === 'shown' ? shown : {}) });
  const present = {
    ...(fields.interval === undefined && fields.cron === undefined
      ? defined({ interval: job.intervalMs, cron: job.cron })
      : {}),
    ...(source === 'shown' ? shown : {}),
    ...(source === 'past' && isRecurring(job) ? { nextRunAt: new Date(now - past * MINUTE).toISOString() } : {}),
  };
  return wishOfReplacement(jobCreateSchema.parse({ name: 'a', ...present, ...fields }));
}

/** As an edit does: what is due of an enabled job is recorded, and the job moved past it. */
function settle(job: JobRecord, now: number, record: (tick: number) => void): JobRecord {
  if (!job.enabled || job.nextRunAt === undefined || job.nextRunAt > now) return job;
  const { nextRunAt: first, ...rest } = job;
  let tick: number | null = first;
  for (; tick !== null && tick <= now; tick = jobTicks(job).next(tick)) record(tick);
  if (tick !== null) return { ...rest, nextRunAt: tick };
  return isRecurring(job) ? rest : { ...rest, completedAt: now };
}

interface Step {
  readonly now: number;
  readonly after: JobRecord;
  readonly wish: JobWish;
}

/** Lives through the edits; those that are refused change nothing. */
function live(
  input: JobCreate,
  edits: readonly Edit[],
  look: (step: Step) => void,
  record: (at: number) => void,
): void {
  let now = T0;
  let job = newJob(input, { uid: 'u', now });
  for (const each of edits) {
    now += each.after;
    const shownNextRunAt = job.nextRunAt;
    const wish = wishOf(job, each, now);
    job = settle(job, now, record);
    try {
      const after = reshapeJob(job, wish, { now, shownNextRunAt });
      look({ now, after, wish });
      job = after;
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
    }
  }
  settle(job, now + 300 * MINUTE, record);
}

/** Runs `check` on lives of jobs that can be made. */
function hold(check: (input: JobCreate, edits: readonly Edit[]) => void): void {
  fc.assert(
    fc.property(creation, fc.array(edit, { maxLength: 6 }), (input, edits) => {
      try {
        newJob(input, { uid: 'u', now: T0 });
      } catch {
        fc.pre(false);
      }
      check(input, edits);
    }),
    { numRuns: 400 },
  );
}

describe('an edit that is no wish to run at another moment', () => {
  it('never brings back a tick, of a schedule that had it or of another', () => {
    hold((input, edits) => {
      let last = -Infinity;
      live(
        input,
        edits,
        () => {},
        (tick) => {
          expect(tick).toBeGreaterThan(last);
          last = tick;
        },
      );
    });
  });

  it('never has a schedule owe what passed in a pause, or lies outside its bounds', () => {
    hold((input, edits) => {
      live(
        input,
        edits,
        ({ now, after }) => {
          if (!isRecurring(after) || after.nextRunAt === undefined) return;
          if (after.enabled) expect(after.nextRunAt).toBeGreaterThan(now);
          if (after.nextRunAt <= now) return;
          expect(after.nextRunAt).toBeGreaterThanOrEqual(after.startAt ?? -Infinity);
          expect(after.nextRunAt).toBeLessThanOrEqual(after.endAt ?? Infinity);
        },
        () => {},
      );
    });
  });

  it('changes nothing more when it is declared again', () => {
    hold((input, edits) => {
      live(
        input,
        edits,
        ({ now, after, wish }) => {
          // A patch whose `nextRunAt` is not shown any more is a wish to run then.
          if (!wish.declared) return;
          const again = reshapeJob(after, wish, { now, shownNextRunAt: after.nextRunAt });
          expect(differenceOf(after, again)).toBeNull();
        },
        () => {},
      );
    });
  });
});
