import { describe, expect, it } from 'vitest';
import { countOf, type Db, race } from './harness.ts';
import { fullJobRecord, jobRecord, without } from './records.ts';

export function jobTests(db: Db): void {
  describe('jobs', () => {
    it('gives back a job as it was inserted, absent fields absent', async () => {
      const minimal = without(jobRecord(), 'intervalMs', 'anchorAt', 'nextRunAt');
      const full = fullJobRecord();
      expect(await db.store.insertJob(minimal)).toBe('inserted');
      expect(await db.store.insertJob(full)).toBe('inserted');
      expect(await db.second.getJob(minimal.name)).toStrictEqual(minimal);
      expect(await db.second.getJob(full.name)).toStrictEqual(full);
    });

    it('answers null for a job that is not there', async () => {
      expect(await db.store.getJob('nobody')).toBeNull();
    });

    it('refuses a name that is taken, and leaves the job there', async () => {
      const job = jobRecord({ name: 'report' });
      await db.store.insertJob(job);
      expect(await db.second.insertJob(jobRecord({ name: 'report' }))).toBe('name_taken');
      expect(await db.store.insertJob(job)).toBe('name_taken');
      expect(await db.store.getJob('report')).toStrictEqual(job);
    });

    it('lets one of many inserts of the same name through', async () => {
      const jobs = Array.from({ length: 40 }, () => jobRecord({ name: 'wanted' }));
      const outcomes = await race(db, jobs.length, (store, i) => store.insertJob(jobs[i] ?? jobRecord()));
      expect(countOf(outcomes, 'inserted')).toBe(1);
      expect(countOf(outcomes, 'name_taken')).toBe(39);
      expect(await db.store.getJob('wanted')).toStrictEqual(jobs[outcomes.indexOf('inserted')]);
    });

    it('finds those of the asked jobs that exist', async () => {
      const jobs = Array.from({ length: 5 }, () => fullJobRecord());
      for (const job of jobs) await db.store.insertJob(job);
      const wanted = jobs.slice(1, 4);
      const found = await db.second.getJobs([...wanted.map((j) => j.name), 'nobody', wanted[0]?.name ?? '']);
      expect(found.sort((a, b) => (a.name < b.name ? -1 : 1))).toStrictEqual(
        wanted.sort((a, b) => (a.name < b.name ? -1 : 1)),
      );
      expect(await db.store.getJobs([])).toStrictEqual([]);
    });
  });
}
