import type { RunRecord } from '@simple-scheduler/core';
import { describe, expect, it } from 'vitest';
import type { Db } from './harness.ts';
import { fullRunRecord, newUid, runRecord, T0, without } from './records.ts';

const ENDED = ['cancelled', 'failed', 'completed', 'dead', 'skipped'] as const;
const idsOf = (runs: readonly RunRecord[]): string[] => runs.map((run) => run.id);

export function runWorkTests(db: Db): void {
  describe('runs that are due', () => {
    it('are the live ones whose watchAt has come, earliest first, up to the limit', async () => {
      const due = [7, 3, 9, 1, 5].map((n) => runRecord({ watchAt: T0 + n }));
      await db.store.insertRuns([...due, runRecord({ watchAt: T0 + 11 }), runRecord()]);
      const watchTimes = async (now: number, limit: number): Promise<(number | undefined)[]> =>
        (await db.second.dueRuns(now, limit)).map((run) => (run.watchAt ?? 0) - T0);
      expect(await watchTimes(T0 + 10, 50)).toStrictEqual([1, 3, 5, 7, 9]);
      expect(await watchTimes(T0 + 9, 50)).toStrictEqual([1, 3, 5, 7, 9]);
      expect(await watchTimes(T0 + 8, 50)).toStrictEqual([1, 3, 5, 7]);
      expect(await watchTimes(T0 + 10, 2)).toStrictEqual([1, 3]);
      expect(await watchTimes(T0, 50)).toStrictEqual([]);
    });

    it('come as whole records, in every live status, and never once they have ended', async () => {
      const live = (['pending', 'running', 'cancelling'] as const).map((status, n) =>
        fullRunRecord({ status, watchAt: T0 + n }),
      );
      await db.store.insertRuns([...live, ...ENDED.map((status) => runRecord({ status, watchAt: T0 }))]);
      expect(await db.store.dueRuns(T0 + 10, 50)).toStrictEqual(live);
    });

    it('follow the changes of watchAt', async () => {
      const [a, b] = [runRecord({ watchAt: T0 + 5 }), runRecord({ watchAt: T0 + 6 })];
      expect(await db.store.nextWatchAt()).toBeNull();
      await db.store.insertRuns([a, b, runRecord()]);
      expect(await db.second.nextWatchAt()).toBe(T0 + 5);
      await db.store.updateRuns([{ id: a.id, rev: 0, change: { set: { watchAt: T0 + 50 }, unset: [] } }]);
      expect(await db.second.nextWatchAt()).toBe(T0 + 6);
      expect(idsOf(await db.second.dueRuns(T0 + 20, 9))).toStrictEqual([b.id]);
      await db.store.updateRuns([{ id: b.id, rev: 0, change: { set: { status: 'completed' }, unset: ['watchAt'] } }]);
      expect(await db.second.nextWatchAt()).toBe(T0 + 50);
      await db.store.updateRuns([{ id: a.id, rev: 1, change: { set: {}, unset: ['watchAt'] } }]);
      expect(await db.second.nextWatchAt()).toBeNull();
    });
  });

  describe('places of a job', () => {
    it('are counted by its live runs', async () => {
      const [limited, free, quiet, other] = [newUid(), newUid(), newUid(), newUid()];
      await db.store.insertRuns([
        runRecord({ jobUid: limited, slot: `${limited}:a`, status: 'running' }),
        runRecord({ jobUid: limited, slot: `${limited}:w0`, waiting: true }),
        runRecord({ jobUid: limited, slot: `${limited}:w2`, waiting: true }),
        ...ENDED.map((status) => runRecord({ jobUid: limited, status })),
        runRecord({ jobUid: free }),
        runRecord({ jobUid: free, status: 'running' }),
        runRecord({ jobUid: free, status: 'cancelling', waiting: false }),
        ...ENDED.map((status) => runRecord({ jobUid: quiet, status })),
        runRecord({ jobUid: other, slot: `${other}:a` }),
      ]);
      const found = await db.second.occupancy([limited, free, quiet, newUid()]);
      const sorted = [...found].map(([uid, { active, slots }]) => [uid, { active, slots: [...slots].sort() }] as const);
      const places = new Map(sorted.filter(([, { active, slots }]) => active > 0 || slots.length > 0));
      expect(places).toStrictEqual(
        new Map([
          [limited, { active: 1, slots: [`${limited}:a`, `${limited}:w0`, `${limited}:w2`] }],
          [free, { active: 3, slots: [] }],
        ]),
      );
      expect(await db.store.occupancy([])).toStrictEqual(new Map());
    });

    it('are looked up for 1,000 jobs at once', async () => {
      const uids = Array.from({ length: 1_000 }, newUid);
      await db.store.insertRuns(uids.map((jobUid) => runRecord({ jobUid, slot: `${jobUid}:a` })));
      await db.store.insertRuns(uids.map((jobUid) => runRecord({ jobUid, slot: `${jobUid}:w0`, waiting: true })));
      const places = await db.store.occupancy(uids);
      expect(places.size).toBe(1_000);
      expect([...places.values()].every(({ active, slots }) => active === 1 && slots.length === 2)).toBe(true);
      expect(await db.store.oldestWaiting(uids)).toHaveLength(1_000);
    });
  });

  describe('waiting and live runs of a job', () => {
    it('finds the oldest waiting run of each job', async () => {
      const [a, b, none] = [newUid(), newUid(), newUid()];
      const wait = (jobUid: string, createdAt: number, n: number): RunRecord =>
        fullRunRecord({ jobUid, createdAt, slot: `${jobUid}:w${n}`, waiting: true, status: 'pending' });
      const [a2, a1, b1] = [wait(a, T0 + 2, 0), wait(a, T0 + 1, 1), wait(b, T0 + 9, 0)];
      await db.store.insertRuns([
        a2,
        a1,
        b1,
        wait(b, T0 + 10, 1),
        runRecord({ jobUid: a, createdAt: T0, slot: `${a}:a`, waiting: false }),
        runRecord({ jobUid: b, createdAt: T0, status: 'cancelled', waiting: true }),
        runRecord({ jobUid: none, createdAt: T0 }),
        wait(newUid(), T0, 0),
      ]);
      const found = await db.second.oldestWaiting([a, b, none, newUid()]);
      expect(found.sort((x, y) => x.createdAt - y.createdAt)).toStrictEqual([a1, b1]);
      expect(await db.store.oldestWaiting([])).toStrictEqual([]);
      const start = { set: { slot: `${a}:x` }, unset: ['waiting'] } as const;
      await db.store.updateRuns([{ id: a1.id, rev: 0, change: start }]);
      expect(idsOf(await db.store.oldestWaiting([a]))).toStrictEqual([a2.id]);
    });

    it('lists the live runs of one job by id, up to the limit', async () => {
      const jobUid = newUid();
      const live = (['running', 'pending', 'cancelling', 'pending'] as const).map((status, n) =>
        fullRunRecord({ jobUid, status, createdAt: T0 + n, slot: `${jobUid}:w${n}` }),
      );
      const ended = ENDED.map((status) => runRecord({ jobUid, status }));
      await db.store.insertRuns([...live].reverse());
      await db.store.insertRuns([...ended, runRecord(), without(runRecord(), 'tickKey')]);
      expect(await db.second.liveRuns(jobUid, 50)).toStrictEqual(live);
      expect(await db.second.liveRuns(jobUid, 2)).toStrictEqual(live.slice(0, 2));
      expect(await db.store.liveRuns(newUid(), 2)).toStrictEqual([]);
    });
  });
}
