import { type RunRecord, tickKey } from '@simple-scheduler/core';
import type { TickPosition, TickQuery } from '@simple-scheduler/engine';
import { describe, expect, it } from 'vitest';
import type { Db } from './harness.ts';
import { fullRunRecord, newUid, runRecord, T0, without } from './records.ts';

export function runTickListTests(db: Db): void {
  const uid = newUid();
  const tick = (at: number, overrides: Partial<RunRecord> & { epoch?: number } = {}): RunRecord => {
    const { epoch = 0, ...fields } = overrides;
    return runRecord({
      jobUid: uid,
      createdAt: T0 + 5_000,
      tickKey: tickKey({ uid, epoch }, T0 + at),
      scheduledAt: T0 + at,
      ...fields,
    });
  };
  const row = (from: number, to: number, overrides: Partial<RunRecord> & { epoch?: number } = {}): RunRecord =>
    tick(from, { status: 'skipped', reason: 'misfire', spanTo: T0 + to, spanCount: 11, ...overrides });
  const list = (from: number, to: number, rest: Partial<TickQuery> = {}): Promise<RunRecord[]> =>
    db.second.listTicks({ jobUid: uid, from: T0 + from, to: T0 + to, limit: 50, ...rest });

  describe('listing the ticks of a job', () => {
    it('lists whole records by the time of their tick, whenever they were made', async () => {
      const full = without(fullRunRecord({ jobUid: uid, scheduledAt: T0 + 2 }), 'spanTo', 'spanCount');
      const ticks = [tick(1, { createdAt: T0 + 9_000 }), full, tick(3, { createdAt: T0 })];
      await db.store.insertRuns(ticks.toReversed());
      expect(await list(0, 10)).toStrictEqual(ticks);
    });

    it('includes both ends of the window, and nothing beyond', async () => {
      const ticks = [0, 1, 2, 3].map((n) => tick(n));
      await db.store.insertRuns(ticks);
      expect(await list(1, 2)).toStrictEqual(ticks.slice(1, 3));
      expect(await list(2, 2)).toStrictEqual(ticks.slice(2, 3));
      expect(await list(4, 9)).toStrictEqual([]);
      expect(await list(2, 1)).toStrictEqual([]);
    });

    it('lists the ticks of all epochs, of this job alone, and no runs that someone asked for', async () => {
      const ticks = [tick(1), tick(2, { epoch: 10 }), tick(3, { epoch: 2, trigger: 'misfire' })];
      const manual = (['manual', 'retry', 'chain'] as const).map((trigger) => tick(2, { trigger, tickKey: newUid() }));
      await db.store.insertRuns([...ticks, ...manual, runRecord({ scheduledAt: T0 + 2 })]);
      expect(await list(0, 10)).toStrictEqual(ticks);
      expect(await list(0, 10, { jobUid: newUid() })).toStrictEqual([]);
    });

    it('goes on after a place, and through ticks of one time by their ids', async () => {
      const ticks = [tick(1), tick(2), tick(2, { epoch: 1 }), tick(2, { epoch: 2 }), tick(3)];
      await db.store.insertRuns(ticks);
      const seen: RunRecord[] = [];
      for (let after: TickPosition | undefined; ; ) {
        const page = await list(0, 10, { limit: 2, ...(after === undefined ? {} : { after }) });
        seen.push(...page);
        const last = page.at(-1);
        if (last === undefined) break;
        after = { at: last.scheduledAt, id: last.id };
      }
      expect(seen).toStrictEqual(ticks);
      expect(await list(0, 10, { after: { at: T0 + 2, id: '' } })).toStrictEqual(ticks.slice(1));
      expect(await list(0, 10, { after: { at: T0 + 2, id: 'g' } })).toStrictEqual(ticks.slice(4));
      expect(await list(3, 10, { after: { at: T0 + 1, id: '' } })).toStrictEqual(ticks.slice(4));
    });

    it('begins with the row of skipped ticks that reaches into the window', async () => {
      const ticks = [tick(1), row(2, 20), tick(21), row(22, 40)];
      await db.store.insertRuns(ticks);
      expect(await list(20, 30)).toStrictEqual(ticks.slice(1));
      expect(await list(20, 30, { limit: 1 })).toStrictEqual(ticks.slice(1, 2));
      expect(await list(21, 30)).toStrictEqual(ticks.slice(2));
      expect(await list(40, 50)).toStrictEqual(ticks.slice(3));
      expect(await list(41, 50)).toStrictEqual([]);
      expect(await list(20, 30, { after: { at: T0 + 2, id: ticks[1]?.id ?? '' } })).toStrictEqual(ticks.slice(2));
    });

    it('finds that row past runs that someone asked for', async () => {
      const ticks = [row(2, 20), tick(21)];
      const manual = [3, 4, 5].map((n) => tick(n, { trigger: 'manual', tickKey: newUid() }));
      await db.store.insertRuns([...ticks, ...manual]);
      expect(await list(10, 30)).toStrictEqual(ticks);
    });
  });
}
