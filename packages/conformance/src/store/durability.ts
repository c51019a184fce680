import type { Store } from '@simple-scheduler/engine';
import { describe, expect, it } from 'vitest';
import type { Db } from './harness.ts';
import { fullJobRecord, fullRunRecord, newUid, T0 } from './records.ts';

export function durabilityTests(db: Db): void {
  describe('connections and migrations', () => {
    it('answers a ping', async () => {
      await expect(db.store.ping()).resolves.toBeUndefined();
      await expect(db.second.ping()).resolves.toBeUndefined();
    });

    it('migrates again, and from many places at once, without touching records', async () => {
      const job = fullJobRecord();
      const run = fullRunRecord();
      await db.store.insertJob(job);
      await db.store.insertRuns([run]);
      const more = await Promise.all([db.open(), db.open()]);
      await Promise.all([db.store, db.second, ...more].map((store) => store.migrate()));
      await db.store.migrate();
      expect(await db.store.getJob(job.name)).toStrictEqual(job);
      expect(await db.second.getRun(run.id)).toStrictEqual(run);
      expect(await db.store.insertJob({ ...job, uid: newUid() })).toBe('name_taken');
      expect(await db.store.insertRuns([run])).toStrictEqual(['exists']);
      await Promise.all(more.map((store) => store.close()));
    });

    it('shows a connection what another wrote, once that is resolved', async () => {
      const [job, run, managerId] = [fullJobRecord(), fullRunRecord(), newUid()];
      await db.store.insertJob(job);
      await db.store.insertRuns([run]);
      await db.store.renewManager({ id: managerId, startedAt: T0, maxJobs: 1 });
      await db.store.takeFreeJobs(managerId, 1);
      const expectAll = async (store: Store): Promise<void> => {
        expect(await store.getJob(job.name)).toStrictEqual({ ...job, managerId, leaseToken: 1 });
        expect(await store.getRun(run.id)).toStrictEqual(run);
        expect((await store.listManagers()).managers.map((m) => m.id)).toStrictEqual([managerId]);
      };
      await expectAll(db.second);
      const third = await db.open();
      await expectAll(third);
      await third.close();
    });

    it('closes one connection without a word to the others', async () => {
      const third = await db.open();
      await third.migrate();
      await third.ping();
      await third.close();
      await expect(db.store.ping()).resolves.toBeUndefined();
      expect(await db.store.getJob('nobody')).toBeNull();
    });
  });
}
