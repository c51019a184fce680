import { describe, expect, it } from 'vitest';
import { type Db, databaseTimePast, race } from './harness.ts';
import { newUid, T0 } from './records.ts';

export function managerTests(db: Db): void {
  describe('managers', () => {
    it('registers a manager with the time of the database', async () => {
      const id = newUid();
      const { heartbeatAt } = await db.store.renewManager({ id, startedAt: T0, maxJobs: 5 });
      const { managers, now } = await db.second.listManagers();
      expect(managers).toStrictEqual([{ id, startedAt: T0, maxJobs: 5, heartbeatAt }]);
      expect(now).toBeGreaterThanOrEqual(heartbeatAt);
      expect(Number.isInteger(heartbeatAt)).toBe(true);
    });

    it('answers an empty list, with a time, where nobody is registered', async () => {
      const { managers, now } = await db.store.listManagers();
      expect(managers).toStrictEqual([]);
      expect(Number.isInteger(now)).toBe(true);
    });

    it('moves the heartbeat on with a renewal and keeps one record', async () => {
      const id = newUid();
      const first = await db.store.renewManager({ id, startedAt: T0, maxJobs: 0 });
      await databaseTimePast(db.store, first.heartbeatAt);
      const renewed = await db.second.renewManager({ id, startedAt: T0, maxJobs: 7 });
      expect(renewed.heartbeatAt).toBeGreaterThan(first.heartbeatAt);
      const { managers } = await db.store.listManagers();
      expect(managers).toStrictEqual([{ id, startedAt: T0, maxJobs: 7, heartbeatAt: renewed.heartbeatAt }]);
    });

    it('registers a manager once, however many renewals arrive together', async () => {
      const id = newUid();
      await race(db, 50, (store) => store.renewManager({ id, startedAt: T0, maxJobs: 0 }));
      expect((await db.store.listManagers()).managers.map((m) => m.id)).toStrictEqual([id]);
    });

    it('removes one manager, and nothing where it is gone already', async () => {
      const [gone, stays] = [newUid(), newUid()];
      await db.store.renewManager({ id: gone, startedAt: T0, maxJobs: 0 });
      await db.store.renewManager({ id: stays, startedAt: T0, maxJobs: 0 });
      await db.store.removeManager(gone);
      await db.second.removeManager(gone);
      expect((await db.store.listManagers()).managers.map((m) => m.id)).toStrictEqual([stays]);
      await db.store.renewManager({ id: gone, startedAt: T0, maxJobs: 0 });
      expect((await db.store.listManagers()).managers).toHaveLength(2);
    });

    it('keeps managers that were heard of within the timeout, whatever their own clocks say', async () => {
      await db.store.renewManager({ id: newUid(), startedAt: 0, maxJobs: 0 });
      await db.store.renewManager({ id: newUid(), startedAt: T0 * 3, maxJobs: 0 });
      expect(await db.store.removeSilentManagers(60_000)).toStrictEqual([]);
      expect((await db.store.listManagers()).managers).toHaveLength(2);
    });

    it('removes the managers that were silent for longer than the timeout, by its own clock', async () => {
      const [silent, heard] = [newUid(), newUid()];
      const before = await db.store.renewManager({ id: silent, startedAt: T0 * 3, maxJobs: 0 });
      await databaseTimePast(db.store, before.heartbeatAt + 300);
      const renewed = await db.store.renewManager({ id: heard, startedAt: 0, maxJobs: 0 });
      const timeoutMs = renewed.heartbeatAt - before.heartbeatAt - 1;
      const removed = await db.second.removeSilentManagers(timeoutMs);
      const { managers, now } = await db.store.listManagers();
      expect(removed).toContain(silent);
      expect(managers.map((m) => m.id)).not.toContain(silent);
      // On a machine that stalls, the other one may have fallen silent too; then only by the database's clock.
      if (now - renewed.heartbeatAt <= timeoutMs) {
        expect(removed).toStrictEqual([silent]);
        expect(managers.map((m) => m.id)).toStrictEqual([heard]);
      }
    });

    it('loses no silent manager between two custodians', async () => {
      const ids = Array.from({ length: 20 }, newUid);
      const beats = await race(db, ids.length, (store, i) =>
        store.renewManager({ id: ids[i] as string, startedAt: T0, maxJobs: 0 }),
      );
      await databaseTimePast(db.store, Math.max(...beats.map((b) => b.heartbeatAt)));
      const seen = await race(db, 2, (store) => store.removeSilentManagers(0));
      expect(new Set(seen.flat())).toStrictEqual(new Set(ids));
      expect((await db.store.listManagers()).managers).toStrictEqual([]);
    });
  });
}
