import type { HeldJob, JobRecord } from '@simple-scheduler/core';
import { describe, expect, it } from 'vitest';
import type { Db } from './harness.ts';
import { editOf } from './job-edits.ts';
import { fullJobRecord, jobRecord, newUid, T0, without } from './records.ts';

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

export function leaseTests(db: Db): void {
  const insert = async (...jobs: readonly JobRecord[]): Promise<void> => {
    for (const job of jobs) await db.store.insertJob(job);
  };

  describe('taking jobs', () => {
    it('adds 1 to the lease token, names the holder and changes nothing else', async () => {
      const job = fullJobRecord({ leaseToken: 41 });
      await insert(job);
      const manager = newUid();
      expect(await db.store.takeFreeJobs(manager, 10)).toStrictEqual([
        { name: job.name, nextRunAt: job.nextRunAt, leaseToken: 42 },
      ]);
      expect(await db.second.getJob(job.name)).toStrictEqual({ ...job, leaseToken: 42, managerId: manager });
    });

    it('takes the soonest first, up to the limit', async () => {
      const jobs = [5, 3, 1, 4, 2].map((n) => jobRecord({ name: `n${n}`, nextRunAt: T0 + n }));
      await insert(...jobs);
      expect((await db.store.takeFreeJobs(newUid(), 2)).map((h) => h.name).sort()).toStrictEqual(['n1', 'n2']);
      expect((await db.second.takeFreeJobs(newUid(), 2)).map((h) => h.name).sort()).toStrictEqual(['n3', 'n4']);
      expect((await db.store.takeFreeJobs(newUid(), 2)).map((h) => h.name)).toStrictEqual(['n5']);
      expect(await db.store.takeFreeJobs(newUid(), 2)).toStrictEqual([]);
    });

    it('takes none under a limit of 0', async () => {
      await insert(jobRecord());
      expect(await db.store.takeFreeJobs(newUid(), 0)).toStrictEqual([]);
      expect(await db.store.countTakeable()).toStrictEqual({ total: 1, free: 1 });
    });

    it('takes only jobs that are enabled, have a next tick and are free', async () => {
      const takeable = jobRecord();
      await insert(takeable);
      const holder = newUid();
      await db.store.takeFreeJobs(holder, 1);
      await insert(jobRecord({ enabled: false }), without(jobRecord(), 'nextRunAt'));
      expect(await db.store.takeFreeJobs(newUid(), 10)).toStrictEqual([]);
      expect(await db.store.countTakeable()).toStrictEqual({ total: 1, free: 0 });
    });

    it('takes jobs whose next tick is long past, far off or zero', async () => {
      await insert(...[0, 1, 8_640_000_000_000_000].map((nextRunAt) => jobRecord({ nextRunAt })));
      const held = await db.store.takeFreeJobs(newUid(), 10);
      expect(held.map((h) => h.nextRunAt).sort((a, b) => a - b)).toStrictEqual([0, 1, 8_640_000_000_000_000]);
    });

    it('gives each taking a higher token, however the job was freed', async () => {
      const job = jobRecord();
      await insert(job);
      const [a, b] = [newUid(), newUid()];
      await db.store.renewManager({ id: b, startedAt: T0, maxJobs: 0 });
      const take = async (manager: string): Promise<HeldJob> => (await db.store.takeFreeJobs(manager, 1))[0] as HeldJob;
      const first = await take(a);
      await db.store.releaseJobs(a, [first]);
      expect(await db.store.getJob(job.name)).toStrictEqual({ ...job, leaseToken: first.leaseToken });
      const second = await take(b);
      expect(second.leaseToken).toBe(first.leaseToken + 1);
      await db.store.releaseJobsOf([b], 1_000);
      expect(await db.store.getJob(job.name)).toStrictEqual({ ...job, leaseToken: second.leaseToken });
      const third = await take(a);
      expect(third.leaseToken).toBe(second.leaseToken + 1);
      await db.store.releaseOrphans(1_000);
      expect(await db.store.getJob(job.name)).toStrictEqual({ ...job, leaseToken: third.leaseToken });
      const fourth = await take(b);
      expect(fourth.leaseToken).toBe(third.leaseToken + 1);
      await db.store.editJob(editOf(job, { free: true }));
      expect((await take(a)).leaseToken).toBe(fourth.leaseToken + 1);
    });
  });

  describe('held jobs', () => {
    it('lists one manager’s jobs by name, in pages', async () => {
      await insert(...['c', 'B', 'a', 'd', 'a-b', 'a.b'].map((name) => jobRecord({ name })));
      const [a, b] = [newUid(), newUid()];
      const held = await db.store.takeFreeJobs(a, 10);
      await insert(jobRecord({ name: 'b' }));
      await db.store.takeFreeJobs(b, 10);
      const sorted = [...held].sort(byName);
      expect(await db.second.heldJobs(a, { limit: 10 })).toStrictEqual(sorted);
      expect(await db.second.heldJobs(a, { limit: 4 })).toStrictEqual(sorted.slice(0, 4));
      expect(await db.second.heldJobs(a, { limit: 4, after: sorted[3]?.name ?? '' })).toStrictEqual(sorted.slice(4));
      expect(await db.second.heldJobs(a, { limit: 4, after: 'zz' })).toStrictEqual([]);
      expect(await db.second.heldJobs(newUid(), { limit: 10 })).toStrictEqual([]);
    });

    it('lists those changed at or after a time, in the order of their changes and by name, in pages', async () => {
      await insert(...[30, 20, 20, 10].map((n, i) => jobRecord({ name: `c${i}`, updatedAt: T0 + n })));
      const manager = newUid();
      const held = await db.store.takeFreeJobs(manager, 10);
      await insert(jobRecord({ name: 'free', updatedAt: T0 + 20 }));
      const names = async (n: number, page: { after?: string; limit: number }): Promise<string[]> =>
        (await db.second.changedJobs(manager, { ...page, since: T0 + n })).map((job) => job.name);
      expect(await names(10, { limit: 10 })).toStrictEqual(['c3', 'c1', 'c2', 'c0']);
      expect(await names(20, { limit: 10 })).toStrictEqual(['c1', 'c2', 'c0']);
      expect(await names(10, { limit: 2 })).toStrictEqual(['c3', 'c1']);
      expect(await names(20, { limit: 1, after: 'c1' })).toStrictEqual(['c2']);
      expect(await names(20, { limit: 10, after: 'c2' })).toStrictEqual(['c0']);
      expect(await names(31, { limit: 10 })).toStrictEqual([]);
      expect(await names(10, { limit: 0 })).toStrictEqual([]);
      expect(await db.store.changedJobs(newUid(), { limit: 10, since: T0 })).toStrictEqual([]);
      expect(await db.store.changedJobs(manager, { limit: 1, since: T0 + 30 })).toStrictEqual(
        held.filter(({ name }) => name === 'c0').map((job) => ({ ...job, updatedAt: T0 + 30 })),
      );
      const [first] = held.filter(({ name }) => name === 'c3');
      await db.store.releaseJobs(manager, first ? [first] : []);
      expect(await names(10, { limit: 10 })).toStrictEqual(['c1', 'c2', 'c0']);
    });

    it('counts the jobs that can be held, and the free ones among them', async () => {
      expect(await db.store.countTakeable()).toStrictEqual({ total: 0, free: 0 });
      await insert(
        ...Array.from({ length: 5 }, () => jobRecord()),
        jobRecord({ enabled: false }),
        without(jobRecord(), 'nextRunAt'),
      );
      expect(await db.store.countTakeable()).toStrictEqual({ total: 5, free: 5 });
      await db.store.takeFreeJobs(newUid(), 2);
      expect(await db.second.countTakeable()).toStrictEqual({ total: 5, free: 3 });
    });
  });

  describe('freeing jobs', () => {
    it('frees a job only for its holder with the token of the present lease', async () => {
      const job = jobRecord({ leaseToken: 7 });
      await insert(job);
      const manager = newUid();
      const [held] = await db.store.takeFreeJobs(manager, 1);
      const before = await db.store.getJob(job.name);
      const stale = [
        { manager, name: job.name, leaseToken: 7 },
        { manager, name: job.name, leaseToken: 9 },
        { manager: newUid(), name: job.name, leaseToken: 8 },
        { manager, name: 'nobody', leaseToken: 8 },
      ];
      for (const guess of stale) {
        expect(await db.second.releaseJobs(guess.manager, [guess])).toBe(0);
        expect(await db.store.getJob(job.name)).toStrictEqual(before);
      }
      expect(await db.second.releaseJobs(manager, [held as HeldJob])).toBe(1);
      expect(await db.store.releaseJobs(manager, [held as HeldJob])).toBe(0);
      expect(await db.store.getJob(job.name)).toStrictEqual({ ...job, leaseToken: 8 });
    });

    it('frees those of a batch whose token holds, and counts them', async () => {
      await insert(...Array.from({ length: 10 }, (_, i) => jobRecord({ leaseToken: i })));
      const manager = newUid();
      const held = await db.store.takeFreeJobs(manager, 10);
      const asked = held.map((h, i) => ({ name: h.name, leaseToken: i % 2 === 0 ? h.leaseToken : h.leaseToken - 1 }));
      expect(await db.store.releaseJobs(manager, asked)).toBe(5);
      const left = await db.store.heldJobs(manager, { limit: 20 });
      expect(left).toStrictEqual(held.filter((_, i) => i % 2 === 1).sort(byName));
    });

    it('frees all jobs of the named managers', async () => {
      await insert(...Array.from({ length: 9 }, () => jobRecord()));
      const [a, b, c] = [newUid(), newUid(), newUid()];
      for (const manager of [a, b, c]) await db.store.takeFreeJobs(manager, 3);
      expect(await db.store.releaseJobsOf([a, c, newUid()], 1_000)).toBe(6);
      expect(await db.second.releaseJobsOf([a, c], 1_000)).toBe(0);
      expect(await db.store.heldJobs(b, { limit: 9 })).toHaveLength(3);
      expect(await db.store.countTakeable()).toStrictEqual({ total: 9, free: 6 });
    });

    it('frees as many as it is told, and the rest when asked again', async () => {
      await insert(...Array.from({ length: 9 }, () => jobRecord()));
      const [a, b, c] = [newUid(), newUid(), newUid()];
      for (const manager of [a, b, c]) await db.store.takeFreeJobs(manager, 3);
      expect(await db.store.releaseJobsOf([a], 2)).toBe(2);
      expect(await db.store.heldJobs(a, { limit: 9 })).toHaveLength(1);
      expect(await db.store.releaseJobsOf([a, b], 2)).toBe(2);
      expect(await db.store.releaseJobsOf([a, b], 2)).toBe(2);
      expect(await db.store.releaseJobsOf([a, b], 2)).toBe(0);
      expect(await db.store.releaseOrphans(2)).toBe(2);
      expect(await db.store.releaseOrphans(2)).toBe(1);
      expect(await db.store.countTakeable()).toStrictEqual({ total: 9, free: 9 });
    });

    it('frees the jobs of managers that are not registered', async () => {
      await insert(...Array.from({ length: 7 }, () => jobRecord()));
      const [registered, gone, never] = [newUid(), newUid(), newUid()];
      await db.store.renewManager({ id: registered, startedAt: T0, maxJobs: 0 });
      await db.store.renewManager({ id: gone, startedAt: T0, maxJobs: 0 });
      for (const manager of [registered, gone, never]) await db.store.takeFreeJobs(manager, 2);
      await db.store.removeManager(gone);
      expect(await db.second.releaseOrphans(1_000)).toBe(4);
      expect(await db.store.releaseOrphans(1_000)).toBe(0);
      expect(await db.store.heldJobs(registered, { limit: 9 })).toHaveLength(2);
      expect(await db.store.countTakeable()).toStrictEqual({ total: 7, free: 5 });
    });
  });
}
