import { describe, expect, it } from 'vitest';
import { countOf, type Db, databaseTimePast, race } from './harness.ts';
import { editOf } from './job-edits.ts';
import { fullJobRecord, jobRecord, newUid, without } from './records.ts';

export function deletionTests(db: Db): void {
  describe('deletions', () => {
    it('removes the job everywhere and keeps it as a deletion until that is forgotten', async () => {
      const job = fullJobRecord();
      await db.store.insertJob(job);
      expect(await db.store.deleteJob(job)).toBe('deleted');
      expect(await db.second.getJob(job.name)).toBeNull();
      expect(await db.second.getJobs([job.name])).toStrictEqual([]);
      expect((await db.second.listJobs({ limit: 5 })).jobs).toStrictEqual([]);
      expect((await db.second.listJobs({ limit: 5, meta: { team: 'billing' } })).jobs).toStrictEqual([]);
      expect(await db.second.takeFreeJobs(newUid(), 5)).toStrictEqual([]);
      expect(await db.second.countTakeable()).toStrictEqual({ total: 0, free: 0 });
      const [deletion, ...rest] = await db.second.listDeletions(10);
      expect(rest).toStrictEqual([]);
      expect(deletion).toStrictEqual({ uid: job.uid, job, deletedAt: expect.any(Number) });
      await db.store.forgetDeletion(job.uid);
      await db.second.forgetDeletion(job.uid);
      expect(await db.store.listDeletions(10)).toStrictEqual([]);
    });

    it.each<[string, { uid?: string; revision?: number }]>([
      ['another uid', { uid: newUid(), revision: 3 }],
      ['an older revision', { revision: 2 }],
      ['a newer revision', { revision: 4 }],
    ])('leaves a job under a guard with %s, and no deletion', async (_title, wrong) => {
      const job = jobRecord({ revision: 3 });
      await db.store.insertJob(job);
      expect(await db.store.deleteJob({ name: job.name, uid: job.uid, revision: 3, ...wrong })).toBe('conflict');
      expect(await db.store.getJob(job.name)).toStrictEqual(job);
      expect(await db.store.listDeletions(10)).toStrictEqual([]);
    });

    it('answers not_found where no job has the name, also when it is said again', async () => {
      const job = jobRecord();
      expect(await db.store.deleteJob(job)).toBe('not_found');
      await db.store.insertJob(job);
      await db.store.deleteJob(job);
      expect(await db.second.deleteJob(job)).toBe('not_found');
      expect(await db.store.listDeletions(10)).toHaveLength(1);
    });

    it('keeps a record for each deletion of a name that is used again', async () => {
      const lives = [1, 2, 3].map((n) => jobRecord({ name: 'phoenix', maxQueueCount: n }));
      for (const job of lives) {
        expect(await db.store.insertJob(job)).toBe('inserted');
        expect(await db.store.deleteJob(job)).toBe('deleted');
      }
      const last = jobRecord({ name: 'phoenix' });
      await db.store.insertJob(last);
      expect(new Set((await db.store.listDeletions(10)).map((d) => d.uid))).toStrictEqual(
        new Set(lives.map((j) => j.uid)),
      );
      await db.store.forgetDeletion(lives[1]?.uid ?? '');
      expect(new Set((await db.store.listDeletions(10)).map((d) => d.job.maxQueueCount))).toStrictEqual(
        new Set([1, 3]),
      );
      expect(await db.store.getJob('phoenix')).toStrictEqual(last);
    });

    it('takes the labels of a job with it: a later job of the name is not found by them', async () => {
      const job = jobRecord({ meta: { team: 'billing' } });
      await db.store.insertJob(job);
      await db.store.deleteJob(job);
      const later = jobRecord({ name: job.name });
      await db.store.insertJob(later);
      expect((await db.store.listJobs({ limit: 5, meta: { team: 'billing' } })).jobs).toStrictEqual([]);
      await db.store.editJob(editOf(later, { set: { meta: { tier: '1' } } }));
      expect((await db.store.listJobs({ limit: 5, meta: { team: 'billing' } })).jobs).toStrictEqual([]);
      expect((await db.store.listJobs({ limit: 5, meta: { tier: '1' } })).jobs).toHaveLength(1);
    });

    it('lists the oldest deletions first, up to the limit', async () => {
      const jobs = Array.from({ length: 4 }, () => jobRecord());
      for (const job of jobs) {
        await db.store.insertJob(job);
        await db.store.deleteJob(job);
        const seen = await db.store.listDeletions(10);
        await databaseTimePast(db.store, Math.max(...seen.map((d) => d.deletedAt)));
      }
      expect((await db.store.listDeletions(10)).map((d) => d.uid)).toStrictEqual(jobs.map((j) => j.uid));
      expect((await db.store.listDeletions(2)).map((d) => d.uid)).toStrictEqual(jobs.slice(0, 2).map((j) => j.uid));
    });

    it('keeps the lease token that a held job was deleted with', async () => {
      const job = jobRecord();
      await db.store.insertJob(job);
      const manager = newUid();
      const [held] = await db.store.takeFreeJobs(manager, 1);
      expect(await db.second.deleteJob(job)).toBe('deleted');
      const [deletion] = await db.store.listDeletions(1);
      expect(without(deletion?.job ?? jobRecord(), 'managerId')).toStrictEqual({
        ...job,
        leaseToken: held?.leaseToken,
      });
      expect(await db.store.heldJobs(manager, { limit: 5 })).toStrictEqual([]);
      expect(await db.store.releaseJobsOf([manager], 1_000)).toBe(0);
      const { name, uid, epoch } = job;
      const advance = {
        name,
        uid,
        epoch,
        managerId: manager,
        leaseToken: held?.leaseToken ?? 0,
        from: job.nextRunAt ?? 0,
        to: null,
      };
      expect(await db.store.advanceJobs([advance])).toStrictEqual(['fenced']);
      expect(await db.store.getJob(name)).toBeNull();
    });

    it('lets one of many deletions of the same job through', async () => {
      const job = jobRecord();
      await db.store.insertJob(job);
      const outcomes = await race(db, 20, (store) => store.deleteJob(job));
      expect(countOf(outcomes, 'deleted')).toBe(1);
      expect(countOf(outcomes, 'not_found')).toBe(19);
      expect(await db.store.listDeletions(50)).toHaveLength(1);
    });

    it('lets a deletion or an edit of the same revision through, never both', async () => {
      const jobs = Array.from({ length: 20 }, () => jobRecord());
      for (const job of jobs) await db.store.insertJob(job);
      const outcomes = await Promise.all(
        jobs.map(async (job, i) => {
          const edit = db.second.editJob(editOf(job, { set: { maxQueueCount: i } }));
          const [deleted, edited] = await Promise.all([db.store.deleteJob(job), edit]);
          return `${deleted}/${edited.outcome}`;
        }),
      );
      expect(outcomes.filter((o) => o !== 'deleted/not_found' && o !== 'conflict/updated')).toStrictEqual([]);
      const deletions = await db.store.listDeletions(50);
      const gone = jobs.filter((_, i) => outcomes[i] === 'deleted/not_found').map((j) => j.uid);
      expect(new Set(deletions.map((d) => d.uid))).toStrictEqual(new Set(gone));
      const left = (await db.store.listJobs({ limit: 50 })).jobs.map((j) => j.uid);
      expect(new Set([...left, ...gone])).toStrictEqual(new Set(jobs.map((j) => j.uid)));
      expect(left.length + gone.length).toBe(20);
    });
  });
}
