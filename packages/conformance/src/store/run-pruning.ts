import { type RunRecord, tickKey } from '@simple-scheduler/core';
import type { RunPruning } from '@simple-scheduler/engine';
import { describe, expect, it } from 'vitest';
import { type Db, race } from './harness.ts';
import { editOf } from './job-edits.ts';
import { jobRecord, newUid, runRecord, T0 } from './records.ts';

const LATER = T0 + 1_000_000;

export function runPruningTests(db: Db): void {
  /** Ended runs of one job at T0, T0 + 1, …: as many as there are statuses. */
  const runsOf = (jobUid: string, statuses: readonly RunRecord['status'][]): RunRecord[] =>
    statuses.map((status, n) => {
      const at = T0 + n;
      const live = ['pending', 'running', 'cancelling'].includes(status);
      return runRecord({
        jobUid,
        createdAt: at,
        scheduledAt: at,
        tickKey: tickKey({ uid: jobUid, epoch: 0 }, at),
        status,
        ...(live ? {} : { endedAt: at + 10 }),
      });
    });
  const completed = (count: number): RunRecord['status'][] => Array.from({ length: count }, () => 'completed');
  const pruning = (run: RunRecord | undefined, rest: Partial<RunPruning>): RunPruning => ({
    jobUid: run?.jobUid ?? '',
    jobName: run?.jobName ?? '',
    endedBefore: LATER,
    keepLast: true,
    ...rest,
  });
  /** Which of these are still there, as their numbers. */
  const left = async (runs: readonly RunRecord[]): Promise<number[]> => {
    const found = await db.second.getRuns(runs.map((run) => run.id));
    for (const run of found) expect(run).toStrictEqual(runs.find(({ id }) => id === run.id));
    return runs.flatMap((run, n) => (found.some(({ id }) => id === run.id) ? [n] : []));
  };
  const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);

  describe('pruning by number', () => {
    it('keeps the newest by the time of their tick, and takes the oldest first, up to the limit', async () => {
      const runs = runsOf(newUid(), completed(12));
      await db.store.insertRuns(runs.toReversed());
      expect(await db.store.pruneRuns([pruning(runs[0], { keep: 5 })], 4)).toBe(4);
      expect(await left(runs)).toStrictEqual(numbers(4, 12));
      expect(await db.store.pruneRuns([pruning(runs[0], { keep: 5 })], 4)).toBe(3);
      expect(await left(runs)).toStrictEqual(numbers(7, 12));
      expect(await db.second.pruneRuns([pruning(runs[0], { keep: 5 })], 4)).toBe(0);
      expect(await left(runs)).toStrictEqual(numbers(7, 12));
    });

    it('touches no other job, and leaves one alone that has no more than that', async () => {
      const [many, few, other] = [8, 3, 8].map((count) => runsOf(newUid(), completed(count))) as [
        RunRecord[],
        RunRecord[],
        RunRecord[],
      ];
      await db.store.insertRuns([...many, ...few, ...other]);
      const prunings = [few, many].map((runs) => pruning(runs[0], { keep: 3 }));
      expect(await db.store.pruneRuns(prunings, 100)).toBe(5);
      expect(await left(many)).toStrictEqual(numbers(5, 8));
      expect(await left(few)).toStrictEqual(numbers(0, 3));
      expect(await left(other)).toStrictEqual(numbers(0, 8));
    });

    it('goes as far as the limit reaches over all jobs, the oldest of each first', async () => {
      const jobs = [5, 9, 2, 5].map((count) => runsOf(newUid(), completed(count)));
      await db.store.insertRuns(jobs.flat());
      const prunings = jobs.map((runs) => pruning(runs[0], { keep: 1 }));
      for (const [removed, remaining] of [
        [6, 15],
        [6, 9],
        [5, 4],
        [0, 4],
      ]) {
        expect(await db.store.pruneRuns(prunings, 6)).toBe(removed);
        const lefts = await Promise.all(jobs.map(left));
        expect(lefts.flat()).toHaveLength(remaining ?? 0);
        expect(lefts).toStrictEqual(jobs.map((runs, i) => numbers(runs.length - (lefts[i]?.length ?? 0), runs.length)));
      }
      expect(await db.store.pruneRuns([], 6)).toBe(0);
      expect(await db.store.pruneRuns(prunings, 0)).toBe(0);
    });

    it('counts live runs and never takes one', async () => {
      const runs = runsOf(newUid(), ['running', 'completed', 'pending', 'cancelling', 'failed', 'completed']);
      // Whatever a record of a live run may hold.
      await db.store.insertRuns(runs.map((run) => (run.status === 'running' ? { ...run, endedAt: T0 } : run)));
      expect(await db.store.pruneRuns([pruning(runs[0], { keep: 1, olderThan: LATER })], 100)).toBe(2);
      expect((await db.store.getRuns(runs.map(({ id }) => id))).map(({ status }) => status).toSorted()).toStrictEqual([
        'cancelling',
        'completed',
        'pending',
        'running',
      ]);
    });

    it('takes nothing that ended just now, and goes on past it', async () => {
      const runs = runsOf(newUid(), completed(6));
      const late = runs.map((run, n) => (n === 1 ? { ...run, endedAt: T0 + 500 } : run));
      await db.store.insertRuns(late);
      expect(await db.store.pruneRuns([pruning(runs[0], { keep: 2, endedBefore: T0 + 500 })], 100)).toBe(3);
      expect(await left(late)).toStrictEqual([1, 4, 5]);
      expect(await db.store.pruneRuns([pruning(runs[0], { keep: 2, endedBefore: T0 + 501 })], 100)).toBe(1);
      expect(await left(late)).toStrictEqual([4, 5]);
    });
  });

  describe('pruning by age', () => {
    it('takes what ended before, by the end and not by the beginning', async () => {
      const runs = runsOf(newUid(), completed(6));
      const long = runs.map((run, n) => (n === 1 ? { ...run, endedAt: T0 + 500 } : run));
      await db.store.insertRuns(long);
      expect(await db.store.pruneRuns([pruning(runs[0], { olderThan: T0 + 13 })], 1)).toBe(1);
      expect(await db.store.pruneRuns([pruning(runs[0], { olderThan: T0 + 13 })], 100)).toBe(1);
      expect(await left(long)).toStrictEqual([1, 3, 4, 5]);
      expect(await db.store.pruneRuns([pruning(runs[0], { olderThan: T0 + 13 })], 100)).toBe(0);
    });

    it('goes together with the number: either is enough', async () => {
      const jobs = [newUid(), newUid()].map((uid) => runsOf(uid, completed(10)));
      await db.store.insertRuns(jobs.flat());
      const [first, second] = jobs as [RunRecord[], RunRecord[]];
      const prunings = [
        pruning(first[0], { keep: 7, olderThan: T0 + 12 }),
        pruning(second[0], { keep: 7, olderThan: T0 + 15 }),
      ];
      expect(await db.store.pruneRuns(prunings, 100)).toBe(8);
      expect(await left(first)).toStrictEqual(numbers(3, 10));
      expect(await left(second)).toStrictEqual(numbers(5, 10));
    });

    it('takes all of a job where nothing is to stay', async () => {
      const runs = runsOf(newUid(), completed(4));
      await db.store.insertRuns(runs);
      expect(await db.store.pruneRuns([pruning(runs[0], { olderThan: LATER, keepLast: false })], 100)).toBe(4);
      expect(await left(runs)).toStrictEqual([]);
    });
  });

  describe('what pruning leaves of a job', () => {
    it('is the newest record, and the newest that is not skipped', async () => {
      const runs = runsOf(newUid(), ['completed', 'failed', 'skipped', 'skipped', 'skipped']);
      await db.store.insertRuns(runs);
      expect(await db.store.pruneRuns([pruning(runs[0], { olderThan: LATER })], 100)).toBe(3);
      expect(await left(runs)).toStrictEqual([1, 4]);
      expect(await db.store.pruneRuns([pruning(runs[0], { olderThan: LATER, keep: 1 })], 100)).toBe(0);
      expect(await left(runs)).toStrictEqual([1, 4]);
    });

    it('is the newest one alone, of whatever kind, where nothing ran or it ran', async () => {
      const [skipped, ran] = [
        runsOf(newUid(), ['skipped', 'skipped', 'skipped']),
        runsOf(newUid(), ['skipped', 'completed', 'cancelled']),
      ];
      await db.store.insertRuns([...skipped, ...ran]);
      const prunings = [skipped, ran].map((runs) => pruning(runs[0], { olderThan: LATER }));
      expect(await db.store.pruneRuns(prunings, 100)).toBe(4);
      expect(await left(skipped)).toStrictEqual([2]);
      expect(await left(ran)).toStrictEqual([2]);
    });

    it('are the ticks that the job has not moved past, of its epoch', async () => {
      const runs = runsOf(newUid(), completed(6));
      const [uid, old] = [runs[0]?.jobUid ?? '', runs[4]];
      const earlier = runs.map((run) => (run === old ? { ...run, tickKey: tickKey({ uid, epoch: 1 }, T0 + 4) } : run));
      const manual = { ...runRecord({ jobUid: uid, scheduledAt: T0 + 4, endedAt: T0 }), status: 'failed' as const };
      const byHand = { ...manual, trigger: 'manual' as const, tickKey: `${uid}:manual:0a` };
      await db.store.insertRuns([...earlier, byHand]);
      const unsettled = { epoch: 0, from: T0 + 2 };
      expect(await db.store.pruneRuns([pruning(runs[0], { olderThan: LATER, unsettled })], 100)).toBe(4);
      expect(await left(earlier)).toStrictEqual([2, 3, 5]);
      expect(await db.store.getRun(byHand.id)).toBeNull();
    });
  });

  describe('pruning and the job', () => {
    it('notes in the job how far its records may be gone, and never less', async () => {
      const job = jobRecord();
      await db.store.insertJob(job);
      const runs = runsOf(job.uid, completed(6)).map((run) => ({ ...run, jobName: job.name }));
      const row = { spanTo: T0 + 3, spanCount: 3, status: 'skipped' as const };
      await db.store.insertRuns(runs.map((run, n) => (n === 1 ? { ...run, ...row } : run)));
      await db.store.pruneRuns([pruning(runs[0], { keep: 6 })], 100);
      expect(await db.second.getJob(job.name)).toStrictEqual(job);
      await db.store.pruneRuns([pruning(runs[0], { keep: 5 })], 100);
      expect(await db.second.getJob(job.name)).toStrictEqual({ ...job, prunedTo: T0 });
      await db.store.pruneRuns([pruning(runs[0], { keep: 4 })], 100);
      expect(await db.second.getJob(job.name)).toStrictEqual({ ...job, prunedTo: T0 + 3 });
      await db.store.pruneRuns([pruning(runs[0], { keep: 3 })], 100);
      expect(await db.second.getJob(job.name)).toStrictEqual({ ...job, prunedTo: T0 + 3 });
      const edited = await db.second.editJob(editOf(job, { set: { maxQueueCount: 9 } }));
      expect(edited).toMatchObject({ job: { prunedTo: T0 + 3 } });
      await db.store.pruneRuns([pruning(runs[0], { keep: 1 })], 100);
      expect(await db.second.getJob(job.name)).toMatchObject({ maxQueueCount: 9, prunedTo: T0 + 4, revision: 2 });
    });

    it('leaves a later job of the same name as it is', async () => {
      const job = jobRecord();
      await db.store.insertJob(job);
      const runs = runsOf(newUid(), completed(3)).map((run) => ({ ...run, jobName: job.name }));
      await db.store.insertRuns(runs);
      expect(await db.store.pruneRuns([pruning(runs[0], { olderThan: LATER, keepLast: false })], 100)).toBe(3);
      expect(await db.second.getJob(job.name)).toStrictEqual(job);
    });

    it('forgets the tick key of what went: who keeps ticks from running again is the job', async () => {
      const runs = runsOf(newUid(), completed(2));
      await db.store.insertRuns(runs);
      await db.store.pruneRuns([pruning(runs[0], { keep: 1 })], 100);
      const [uid, at] = [runs[0]?.jobUid ?? '', T0];
      expect(await db.store.latestTicks([{ jobUid: uid, epoch: 0, from: at, before: at + 1 }])).toStrictEqual(
        new Map(),
      );
      expect(await db.store.insertRuns([runs[0] ?? runRecord()])).toStrictEqual(['created']);
    });

    it('may be done by many at once', async () => {
      const runs = runsOf(newUid(), completed(60));
      await db.store.insertRuns(runs);
      await race(db, 8, (store) => store.pruneRuns([pruning(runs[0], { keep: 10 })], 20));
      for (let rounds = 0; (await db.store.pruneRuns([pruning(runs[0], { keep: 10 })], 20)) > 0; rounds += 1)
        expect(rounds).toBeLessThan(10);
      expect(await left(runs)).toStrictEqual(numbers(50, 60));
    });

    it('handles 1,000 jobs and 1,000 records at once', async () => {
      const jobs = Array.from({ length: 1_000 }, () => runsOf(newUid(), completed(2)));
      for (const half of [jobs.slice(0, 500), jobs.slice(500)]) await db.store.insertRuns(half.flat());
      const prunings = jobs.map((runs) => pruning(runs[0], { keep: 1, olderThan: T0 + 11 }));
      expect(await db.store.pruneRuns(prunings, 1_000)).toBe(1_000);
      const gone = await db.second.getRuns(jobs.map((runs) => runs[0]?.id ?? ''));
      expect(gone).toStrictEqual([]);
      expect(await db.second.getRuns(jobs.map((runs) => runs[1]?.id ?? ''))).toHaveLength(1_000);
    });
  });

  describe('the jobs of the records', () => {
    it('are listed once each, by uid, in pages, whether they exist or not', async () => {
      expect(await db.store.listJobsOfRuns({ limit: 5 })).toStrictEqual([]);
      const jobs = Array.from({ length: 7 }, () => runsOf(newUid(), ['completed', 'pending', 'skipped']));
      await db.store.insertRuns(jobs.flat());
      const expected = jobs
        .map(([run]) => ({ jobUid: run?.jobUid ?? '', jobName: run?.jobName ?? '' }))
        .toSorted((a, b) => (a.jobUid < b.jobUid ? -1 : 1));
      const first = await db.second.listJobsOfRuns({ limit: 5 });
      expect(first).toStrictEqual(expected.slice(0, 5));
      const after = first.at(-1)?.jobUid ?? '';
      expect(await db.second.listJobsOfRuns({ limit: 5, after })).toStrictEqual(expected.slice(5));
      expect(await db.second.listJobsOfRuns({ limit: 5, after: expected.at(-1)?.jobUid ?? '' })).toStrictEqual([]);
      expect(await db.second.listJobsOfRuns({ limit: 0 })).toStrictEqual([]);
    });
  });
}
