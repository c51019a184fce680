import type { HeldJob } from '@simple-scheduler/core';
import type { Store } from '@simple-scheduler/engine';
import { describe, expect, it } from 'vitest';
import { type Db, race } from './harness.ts';
import { jobRecord, newUid, T0 } from './records.ts';

/** Takes until no job is left free. A call may come back empty while others win its candidates. */
async function takeAll(store: Store, managerId: string, limit: number): Promise<HeldJob[]> {
  const taken: HeldJob[] = [];
  for (let calls = 0; calls < 2_000; calls += 1) {
    const got = await store.takeFreeJobs(managerId, limit);
    expect(got.length).toBeLessThanOrEqual(limit);
    taken.push(...got);
    if (got.length === 0 && (await store.countTakeable()).free === 0) return taken;
  }
  throw new Error('jobs stay free although someone takes them');
}

export function leaseRaceTests(db: Db): void {
  describe('races for jobs', () => {
    it('shares 1,000 jobs between two managers: none is held twice, none is left', async () => {
      const names = Array.from({ length: 1_000 }, (_, i) => `r${String(i).padStart(4, '0')}`);
      await race(db, names.length, (store, i) =>
        store.insertJob(jobRecord({ name: names[i] ?? '', nextRunAt: T0 + (i % 50) })),
      );
      const managers = [newUid(), newUid()];
      const [a, b] = await race(db, 2, (store, i) => takeAll(store, managers[i] ?? '', 37));
      const all = [...(a ?? []), ...(b ?? [])].map((held) => held.name);
      expect(all).toHaveLength(1_000);
      expect(all.sort()).toStrictEqual(names);
      for (const [i, taken] of [a ?? [], b ?? []].entries()) {
        const held = await db.store.heldJobs(managers[i] ?? '', { limit: 1_000 });
        expect(held).toStrictEqual(taken.sort((x, y) => (x.name < y.name ? -1 : 1)));
        expect(held.every((job) => job.leaseToken === 1)).toBe(true);
      }
    });

    it('gives a job to one caller, also where the callers are the same manager', async () => {
      for (let i = 0; i < 200; i += 1) await db.store.insertJob(jobRecord());
      const manager = newUid();
      const taken = (await race(db, 8, (store) => takeAll(store, manager, 10))).flat();
      expect(taken).toHaveLength(200);
      expect(new Set(taken.map((held) => held.name)).size).toBe(200);
      expect(taken.every((held) => held.leaseToken === 1)).toBe(true);
    });

    it('frees a job once, whoever frees it', async () => {
      for (let i = 0; i < 100; i += 1) await db.store.insertJob(jobRecord());
      const manager = newUid();
      const held = await db.store.takeFreeJobs(manager, 100);
      const freed = await race(db, 6, (store, i) =>
        i < 2
          ? store.releaseJobs(manager, held)
          : i < 4
            ? store.releaseJobsOf([manager], 40)
            : store.releaseOrphans(40),
      );
      expect(freed.reduce((sum, n) => sum + n, 0)).toBe(100);
      expect(await db.store.countTakeable()).toStrictEqual({ total: 100, free: 100 });
    });
  });
}
