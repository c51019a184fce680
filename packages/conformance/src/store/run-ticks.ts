import { type RunRecord, tickKey } from '@simple-scheduler/core';
import { describe, expect, it } from 'vitest';
import type { Db } from './harness.ts';
import { fullRunRecord, newUid, runRecord, T0 } from './records.ts';

export function runTickTests(db: Db): void {
  const tick = (uid: string, epoch: number, at: number, overrides: Partial<RunRecord> = {}): RunRecord =>
    fullRunRecord({
      jobUid: uid,
      tickKey: tickKey({ uid, epoch }, at),
      scheduledAt: at,
      slot: `${uid}:${epoch}:${at}`,
      ...overrides,
    });

  describe('runs by their tick', () => {
    it('finds the last recorded tick of each job at or after a time', async () => {
      const [a, b, none] = [newUid(), newUid(), newUid()];
      const ofA = [5, 100, 20, 3].map((n) => tick(a, 0, T0 + n));
      const ofB = [7, 8].map((n) => tick(b, 0, T0 + n, { status: 'skipped', spanTo: T0 + 900, spanCount: 99 }));
      await db.store.insertRuns([...ofA, ...ofB, tick(newUid(), 0, T0 + 5_000)]);
      const at = (from: number): { jobUid: string; epoch: number; from: number }[] =>
        [a, b, none].map((jobUid) => ({ jobUid, epoch: 0, from: T0 + from }));
      const expected: [string, RunRecord | undefined][] = [
        [a, ofA[1]],
        [b, ofB[1]],
      ];
      expect(await db.second.latestTicks(at(0))).toStrictEqual(new Map(expected));
      expect(await db.second.latestTicks(at(8))).toStrictEqual(new Map(expected));
      expect(await db.second.latestTicks(at(9))).toStrictEqual(new Map(expected.slice(0, 1)));
      expect(await db.second.latestTicks(at(100))).toStrictEqual(new Map(expected.slice(0, 1)));
      expect(await db.second.latestTicks(at(101))).toStrictEqual(new Map());
      expect(await db.store.latestTicks([])).toStrictEqual(new Map());
    });

    it('finds the last one before a time, which is not part of it', async () => {
      const [a, b] = [newUid(), newUid()];
      const [first, second, last] = [3, 5, 100].map((n) => tick(a, 0, T0 + n));
      await db.store.insertRuns([first, second, last].map((run) => run ?? runRecord()));
      const latest = async (from: number, before: number): Promise<RunRecord | undefined> => {
        const range = { epoch: 0, from: T0 + from, before: T0 + before };
        const found = await db.second.latestTicks([a, b].map((jobUid) => ({ jobUid, ...range })));
        expect(found.has(b)).toBe(false);
        return found.get(a);
      };
      expect(await latest(0, 101)).toStrictEqual(last);
      expect(await latest(0, 100)).toStrictEqual(second);
      expect(await latest(4, 6)).toStrictEqual(second);
      expect(await latest(0, 5)).toStrictEqual(first);
      expect(await latest(4, 5)).toBeUndefined();
      expect(await latest(0, 3)).toBeUndefined();
    });

    it('keeps the ticks of one epoch apart from those of others and from requests', async () => {
      const uid = newUid();
      const [ninth, tenth] = [tick(uid, 9, T0 + 500), tick(uid, 10, T0 + 100)];
      const requests = ['manual:0a1b', '9', '10', '9:'].map((rest) =>
        runRecord({ jobUid: uid, tickKey: `${uid}:${rest}` }),
      );
      await db.store.insertRuns([
        ninth,
        tenth,
        tick(uid, 1, T0 + 900),
        tick(uid, 99, T0 + 900),
        tick(uid, 100, T0 + 900),
        ...requests,
      ]);
      expect(await db.store.latestTicks([{ jobUid: uid, epoch: 9, from: 0 }])).toStrictEqual(new Map([[uid, ninth]]));
      expect(await db.store.latestTicks([{ jobUid: uid, epoch: 10, from: T0 }])).toStrictEqual(new Map([[uid, tenth]]));
      expect(await db.store.latestTicks([{ jobUid: uid, epoch: 11, from: 0 }])).toStrictEqual(new Map());
    });

    it('looks up 1,000 jobs at once', async () => {
      const uids = Array.from({ length: 1_000 }, newUid);
      await db.store.insertRuns(uids.map((uid) => tick(uid, 0, T0)));
      await db.store.insertRuns(uids.map((uid) => tick(uid, 0, T0 + 1)));
      const found = await db.store.latestTicks(uids.map((jobUid) => ({ jobUid, epoch: 0, from: T0 })));
      expect(found.size).toBe(1_000);
      expect([...found].every(([uid, run]) => run.jobUid === uid && run.scheduledAt === T0 + 1)).toBe(true);
    });
  });
}
