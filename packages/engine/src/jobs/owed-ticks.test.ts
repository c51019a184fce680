import { jobCreateSchema, type JobCreate, type JobPatch } from '@simple-scheduler/contracts';
import type { JobRecord } from '@simple-scheduler/core';
import { describe, expect, it } from 'vitest';
import { newJob } from './create-job.ts';
import { wishOfPatch } from './job-fields.ts';
import { withOwedTicks } from './owed-ticks.ts';
import { reshapeJob } from './reshape-job.ts';

const T0 = Date.parse('2026-03-01T08:00:00.000Z');
const MINUTE = 60_000;
const at = (minutes: number): number => T0 + minutes * MINUTE;

const made = (fields: Partial<JobCreate>): JobRecord =>
  newJob(jobCreateSchema.parse({ name: 'report', ...fields }), { uid: 'u', now: T0 });

/** The job at this minute, whose ticks are settled up to then, after a patch. */
function patched(job: JobRecord, patch: JobPatch, minute: number): JobRecord {
  return withOwedTicks(job, reshapeJob(job, wishOfPatch(patch), { now: at(minute), shownNextRunAt: job.nextRunAt }));
}

describe('the first tick that a job owes', () => {
  const job = made({ interval: 10 * MINUTE });
  const moved = { ...job, nextRunAt: at(40) };

  it('is its first one, where it has any', () => {
    expect(job).toMatchObject({ nextRunAt: at(10), owedFrom: at(10) });
    expect(made({})).not.toHaveProperty('owedFrom');
  });
  it.each<[string, JobPatch]>([
    ['what has nothing to do with its ticks', { description: 'x', maxQueueCount: 4, misfirePolicy: 'skip' }],
    ['a pause', { enabled: false }],
  ])('stays through %s', (_title, patch) => {
    expect(patched(moved, patch, 35)).toMatchObject({ nextRunAt: at(40), owedFrom: at(10) });
  });
  it('stays through a pause in which no tick passed', () => {
    expect(patched({ ...moved, enabled: false }, { enabled: true }, 39)).toMatchObject({ owedFrom: at(10) });
  });
  it('comes after a pause, of which nothing is owed', () => {
    expect(patched({ ...moved, enabled: false }, { enabled: true }, 75)).toMatchObject({ owedFrom: at(80) });
  });
  it.each<[string, JobPatch, number]>([
    ['another schedule', { interval: 4 * MINUTE }, 39],
    ['another moment', { nextRunAt: new Date(at(2)).toISOString() }, 2],
    ['other bounds', { endAt: new Date(at(60)).toISOString() }, 40],
    ['the schedule itself, asked again', { nextRunAt: null }, 45],
  ])('is the next one after %s', (_title, patch, minute) => {
    expect(patched(moved, patch, 35)).toMatchObject({ nextRunAt: at(minute), owedFrom: at(minute) });
  });
  it('is none where no tick is left', () => {
    expect(patched(moved, { interval: null }, 35)).not.toHaveProperty('owedFrom');
  });
});
