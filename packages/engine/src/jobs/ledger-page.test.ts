import { jobCreateSchema, type JobCreate } from '@simple-scheduler/contracts';
import { type JobRecord, newRun, type RunRecord, tickKey } from '@simple-scheduler/core';
import { describe, expect, it } from 'vitest';
import { newJob } from './create-job.ts';
import { type LedgerInput, type LedgerPage, ledgerPage } from './ledger-page.ts';

const T0 = Date.parse('2026-03-01T08:00:00.000Z');
const MINUTE = 60_000;
const at = (minutes: number): number => T0 + minutes * MINUTE;

const made = (fields: Partial<JobCreate> = {}): JobRecord =>
  newJob(jobCreateSchema.parse({ name: 'report', interval: 10 * MINUTE, ...fields }), {
    uid: 'u',
    now: T0,
  });

let serial = 0;
/** The record of a tick at this minute. */
function record(minute: number, { epoch = 0, ...fields }: Partial<RunRecord> & { epoch?: number } = {}): RunRecord {
  serial += 1;
  const request = {
    id: serial.toString(16).padStart(24, '0'),
    now: at(minute),
    trigger: 'schedule' as const,
    scheduledAt: at(minute),
    tickKey: tickKey({ uid: 'u', epoch }, at(minute)),
  };
  return { ...newRun(made(), request, { kind: 'start' }), status: 'completed', ...fields };
}
const row = (from: number, to: number, count: number, epoch = 0): RunRecord =>
  record(from, { epoch, status: 'skipped', reason: 'misfire', spanTo: at(to), spanCount: count });

const page = (input: Partial<LedgerInput> & { job: JobRecord }): LedgerPage =>
  ledgerPage({ now: at(45), from: at(0), to: at(45), records: [], limit: 100, ...input });
/** Minutes and outcomes. */
const told = ({ entries }: LedgerPage): string[] =>
  entries.map(({ scheduledAt, outcome }) => `${(scheduledAt - T0) / MINUTE} ${outcome}`);

describe('the ledger of a job', () => {
  const job = { ...made(), nextRunAt: at(50) };
  const all = [10, 20, 30, 40].map((minute) => record(minute));

  it('tells what became of each tick', () => {
    const records = [record(10), record(20, { status: 'skipped', reason: 'overlap' }), record(30), record(40)];
    const seen = page({ job, records });
    expect(told(seen)).toEqual(['10 completed', '20 skipped', '30 completed', '40 completed']);
    expect(seen.entries.map(({ run }) => run)).toEqual(records);
    expect(seen).not.toHaveProperty('next');
  });

  it('shows the ticks that are missing, wherever they are', () => {
    expect(told(page({ job, records: [all[1], all[2]] as RunRecord[] }))).toEqual([
      '10 missing',
      '20 completed',
      '30 completed',
      '40 missing',
    ]);
    expect(told(page({ job }))).toEqual(['10 missing', '20 missing', '30 missing', '40 missing']);
    expect(told(page({ job, from: at(20), to: at(30) }))).toEqual(['20 missing', '30 missing']);
  });

  it('does not miss what retention may have removed', () => {
    const pruned = { ...job, prunedTo: at(20) };
    expect(told(page({ job: pruned, records: all.slice(2) }))).toEqual(['30 completed', '40 completed']);
    expect(told(page({ job: pruned, records: [all[0], all[3]] as RunRecord[] }))).toEqual([
      '10 completed',
      '30 missing',
      '40 completed',
    ]);
    expect(told(page({ job: { ...job, prunedTo: at(900) } }))).toEqual([]);
  });

  it('shows what is due, at once and later, and what is recorded already', () => {
    const behind = { ...job, nextRunAt: at(30) };
    expect(told(page({ job: behind, records: all.slice(0, 3), to: at(60) }))).toEqual([
      '10 completed',
      '20 completed',
      '30 completed',
      '40 due',
      '50 due',
      '60 due',
    ]);
  });

  it('has nothing due, and still knows what is missing, of a job that is not enabled', () => {
    const paused = { ...job, enabled: false };
    expect(told(page({ job: paused, records: all.slice(1), to: at(90) }))).toEqual([
      '10 missing',
      '20 completed',
      '30 completed',
      '40 completed',
    ]);
  });

  it('misses nothing from before the job owed it', () => {
    const resumed = { ...job, owedFrom: at(40) };
    expect(told(page({ job: resumed, records: all.slice(1, 2) }))).toEqual(['20 completed', '40 missing']);
    const { owedFrom: _, ...unknown } = job;
    expect(told(page({ job: unknown, records: all.slice(1, 2), to: at(60) }))).toEqual([
      '20 completed',
      '50 due',
      '60 due',
    ]);
  });

  it('lists earlier epochs by their records alone, beside the present one', () => {
    const edited = { ...job, epoch: 1 };
    const records = [record(10), record(13), record(20, { epoch: 1 }), record(30), record(40, { epoch: 1 })];
    expect(told(page({ job: edited, records }))).toEqual([
      '10 missing',
      '10 completed',
      '13 completed',
      '20 completed',
      '30 missing',
      '30 completed',
      '40 completed',
    ]);
  });

  it('takes a row of skipped ticks for all of them', () => {
    const job2 = { ...job, nextRunAt: at(180) };
    const records = [record(10), row(20, 150, 14), record(170)];
    expect(told(page({ job: job2, records, to: at(170) }))).toEqual([
      '10 completed',
      '20 skipped',
      '160 missing',
      '170 completed',
    ]);
    expect(
      told(page({ job: job2, records: records.slice(2), from: at(100), to: at(170), coveredTo: at(150) })),
    ).toEqual(['160 missing', '170 completed']);
    const other = [record(10), row(20, 150, 14, 7), record(170)];
    expect(told(page({ job: job2, records: other, to: at(40) })).slice(0, 3)).toEqual([
      '10 completed',
      '20 missing',
      '20 skipped',
    ]);
  });

  it('knows the first and the next tick where the schedule has none there', () => {
    const cron = made({ cron: '0 * * * *', interval: undefined, nextRunAt: new Date(at(7)).toISOString() });
    expect(told(page({ job: cron, to: at(130) }))).toEqual(['7 due', '60 due', '120 due']);
    expect(told(page({ job: { ...cron, nextRunAt: at(120) }, now: at(70), to: at(130) }))).toEqual([
      '7 missing',
      '60 missing',
      '120 due',
    ]);
  });

  it('follows a job that runs once', () => {
    const once = made({ interval: undefined, nextRunAt: new Date(at(30)).toISOString() });
    const { nextRunAt: _, ...done } = { ...once, completedAt: at(30) };
    expect(told(page({ job: once, to: at(60) }))).toEqual(['30 due']);
    expect(told(page({ job: done, to: at(60), records: [record(30)] }))).toEqual(['30 completed']);
    expect(told(page({ job: done, to: at(60) }))).toEqual(['30 missing']);
    expect(told(page({ job: { ...done, prunedTo: at(30) }, to: at(60) }))).toEqual([]);
  });

  it('ends with the schedule', () => {
    const ended = made({ endAt: new Date(at(35)).toISOString() });
    expect(told(page({ job: ended, to: at(90) }))).toEqual(['10 due', '20 due', '30 due']);
    const { nextRunAt: _, ...over } = ended;
    expect(told(page({ job: over, to: at(90), records: all.slice(0, 2) }))).toEqual([
      '10 completed',
      '20 completed',
      '30 missing',
    ]);
    expect(told(page({ job: made({ interval: undefined }), to: at(90) }))).toEqual([]);
  });

  it('comes in pages that neither skip nor repeat, of whatever size', () => {
    const edited = { ...job, epoch: 1, nextRunAt: at(200) };
    const records = [
      record(10),
      ...[20, 40].map((minute) => record(minute, { epoch: 1 })),
      record(40),
      row(50, 170, 13, 1),
      record(60),
      record(180, { epoch: 1 }),
    ];
    const whole = page({ job: edited, records, to: at(230) }).entries;
    expect(whole).toHaveLength(14);
    for (const limit of [1, 2, 3, 5, 12, 13, 14, 15]) {
      const walked: unknown[] = [];
      let from = at(0);
      let left = records;
      let coveredTo: number | undefined;
      for (let more = true; more; ) {
        const covered = coveredTo === undefined ? {} : { coveredTo };
        const input = { job: edited, from, to: at(230), limit, records: left.slice(0, limit + 1), ...covered };
        const { entries, next } = page(input);
        walked.push(...entries);
        more = next !== undefined;
        if (next === undefined) continue;
        expect(entries).toHaveLength(limit);
        from = next.at + 1;
        left = left.filter((run) => run.scheduledAt > next.at || (run.scheduledAt === next.at && run.id > next.id));
        if (next.at >= at(50)) coveredTo = at(170);
      }
      expect(walked).toEqual(whole);
    }
  });
});
