import type { RunClearable, RunMutable, RunRecord } from '@simple-scheduler/core';
import type { RunUpdate } from '@simple-scheduler/engine';
import { describe, expect, it } from 'vitest';
import { countOf, type Db, race } from './harness.ts';
import { fullRunRecord, newRunId, newUid, runRecord, T0, without } from './records.ts';

export function runUpdateTests(db: Db): void {
  const inserted = async (run: RunRecord): Promise<RunRecord> => {
    await db.store.insertRuns([run]);
    return run;
  };

  describe('updating runs', () => {
    it('sets fields and adds 1 to rev', async () => {
      const run = await inserted(runRecord({ rev: 4 }));
      const set: Required<RunMutable> = {
        status: 'failed',
        attempt: 7,
        attempts: [{ attempt: 6, endedAt: T0, outcome: 'lost' }],
        publishedAt: T0 + 11,
        startedAt: T0 + 12,
        endedAt: T0 + 13,
        heartbeatAt: T0 + 14,
        cancellingAt: T0 + 15,
        nextRetryAt: T0 + 16,
        reason: 'requested',
        progress: 0.5,
        message: 'm',
        output: { o: 1 },
        error: 'e',
        workerId: 'w',
        slot: `${run.jobUid}:a`,
        waiting: true,
        owes: 'cancel',
        watchAt: T0 + 17,
      };
      expect(await db.store.updateRuns([{ id: run.id, rev: 4, change: { set, unset: [] } }])).toStrictEqual([
        'updated',
      ]);
      expect(await db.second.getRun(run.id)).toStrictEqual({ ...run, ...set, rev: 5 });
    });

    it('unsets fields: absent is absent', async () => {
      const run = await inserted(fullRunRecord());
      const clearable: Readonly<Record<RunClearable, true>> = {
        publishedAt: true,
        startedAt: true,
        heartbeatAt: true,
        cancellingAt: true,
        nextRetryAt: true,
        progress: true,
        message: true,
        error: true,
        workerId: true,
        slot: true,
        waiting: true,
        owes: true,
        watchAt: true,
        reason: true,
      };
      const unset = Object.keys(clearable) as RunClearable[];
      expect(await db.store.updateRuns([{ id: run.id, rev: 0, change: { set: {}, unset } }])).toStrictEqual([
        'updated',
      ]);
      expect(await db.second.getRun(run.id)).toStrictEqual({ ...without(run, ...unset), rev: 1 });
      expect(await db.store.updateRuns([{ id: run.id, rev: 1, change: { set: {}, unset } }])).toStrictEqual([
        'updated',
      ]);
      expect(await db.second.getRun(run.id)).toStrictEqual({ ...without(run, ...unset), rev: 2 });
    });

    it('keeps values that look like nothing', async () => {
      const run = await inserted(fullRunRecord());
      const set = { progress: 0, message: '', error: '', output: null, waiting: false, attempts: [] };
      await db.store.updateRuns([{ id: run.id, rev: 0, change: { set, unset: [] } }]);
      expect(await db.second.getRun(run.id)).toStrictEqual({ ...run, ...set, rev: 1 });
    });

    it('changes nothing on another rev, and where there is no such run', async () => {
      const run = await inserted(fullRunRecord({ rev: 4 }));
      const change = { set: { status: 'failed', error: 'late', output: 1 }, unset: ['slot'] } as const;
      for (const update of [
        { id: run.id, rev: 3 },
        { id: run.id, rev: 5 },
        { id: newRunId(T0), rev: 4 },
      ]) {
        expect(await db.store.updateRuns([{ ...update, change }])).toStrictEqual(['conflict']);
      }
      expect(await db.store.getRun(run.id)).toStrictEqual(run);
      expect((await db.store.listRuns({ limit: 9 })).runs).toHaveLength(1);
    });

    it('lets one of many updates of the same rev through', async () => {
      const run = await inserted(runRecord());
      const outcomes = (
        await race(db, 20, (store, i) =>
          store.updateRuns([{ id: run.id, rev: 0, change: { set: { message: `${i}` }, unset: [] } }]),
        )
      ).flat();
      expect(countOf(outcomes, 'updated')).toBe(1);
      expect(countOf(outcomes, 'conflict')).toBe(19);
      expect(await db.store.getRun(run.id)).toStrictEqual({
        ...run,
        message: `${outcomes.indexOf('updated')}`,
        rev: 1,
      });
    });

    it('loses no update to racing batches: each rev is reached once', async () => {
      const runs = Array.from({ length: 50 }, () => runRecord());
      await db.store.insertRuns(runs);
      const batch = (i: number): RunUpdate[] =>
        runs.map((run) => ({ id: run.id, rev: 0, change: { set: { workerId: `w${i}` }, unset: ['owes'] } }));
      const outcomes = await race(db, 4, (store, i) => store.updateRuns(i % 2 === 0 ? batch(i) : batch(i).reverse()));
      for (const [n, run] of runs.entries()) {
        const winners = outcomes.flatMap((o, i) =>
          (i % 2 === 0 ? o[n] : o[runs.length - 1 - n]) === 'updated' ? [i] : [],
        );
        expect(winners).toHaveLength(1);
        expect(await db.store.getRun(run.id)).toStrictEqual({
          ...without(run, 'owes'),
          workerId: `w${winners[0]}`,
          rev: 1,
        });
      }
    });

    it('answers slot_taken where another run has the slot, and changes nothing', async () => {
      const uid = newUid();
      const active = await inserted(runRecord({ jobUid: uid, slot: `${uid}:a` }));
      const waiting = await inserted(runRecord({ jobUid: uid, slot: `${uid}:w0`, waiting: true }));
      const start = { set: { slot: `${uid}:a`, owes: 'run' }, unset: ['waiting'] } as const;
      expect(await db.store.updateRuns([{ id: waiting.id, rev: 0, change: start }])).toStrictEqual(['slot_taken']);
      expect(await db.store.getRun(waiting.id)).toStrictEqual(waiting);
      const end = { set: { status: 'completed', endedAt: T0 + 1 }, unset: ['slot', 'owes'] } as const;
      expect(await db.second.updateRuns([{ id: active.id, rev: 0, change: end }])).toStrictEqual(['updated']);
      expect(await db.store.updateRuns([{ id: waiting.id, rev: 0, change: start }])).toStrictEqual(['updated']);
      const started = { ...without(waiting, 'waiting'), slot: `${uid}:a`, owes: 'run', rev: 1 };
      expect(await db.second.getRun(waiting.id)).toStrictEqual(started);
      expect(await db.store.insertRuns([runRecord({ jobUid: uid, slot: `${uid}:w0` })])).toStrictEqual(['created']);
    });

    it('lets one of many waiting runs into the active slot', async () => {
      const uid = newUid();
      const waiting = Array.from({ length: 20 }, (_, i) =>
        runRecord({ jobUid: uid, slot: `${uid}:w${i}`, waiting: true }),
      );
      await db.store.insertRuns(waiting);
      const change = { set: { slot: `${uid}:a` }, unset: ['waiting'] } as const;
      const outcomes = (
        await race(db, 20, (store, i) => store.updateRuns([{ id: waiting[i]?.id ?? '', rev: 0, change }]))
      ).flat();
      expect(countOf(outcomes, 'updated')).toBe(1);
      expect(countOf(outcomes, 'slot_taken')).toBe(19);
    });

    it('keeps a slot that an update names again', async () => {
      const run = await inserted(runRecord({ slot: `${newUid()}:a` }));
      const change = { set: { slot: run.slot ?? '', status: 'running' }, unset: [] } as const;
      expect(await db.store.updateRuns([{ id: run.id, rev: 0, change }])).toStrictEqual(['updated']);
    });

    it('answers a mixed batch in the order of its updates', async () => {
      const holder = await inserted(runRecord({ slot: `${newUid()}:a` }));
      const runs = Array.from({ length: 400 }, () => runRecord());
      await db.store.insertRuns(runs);
      const updates = runs.map((run, i): RunUpdate => {
        if (i % 4 === 0) return { id: run.id, rev: 0, change: { set: { message: `${i}` }, unset: [] } };
        if (i % 4 === 1) return { id: run.id, rev: 7, change: { set: { message: `${i}` }, unset: [] } };
        if (i % 4 === 2) return { id: run.id, rev: 0, change: { set: { slot: holder.slot ?? '' }, unset: [] } };
        return { id: newRunId(T0), rev: 0, change: { set: {}, unset: ['owes'] } };
      });
      const expected = updates.map((_, i) => (['updated', 'conflict', 'slot_taken', 'conflict'] as const)[i % 4]);
      expect(await db.store.updateRuns(updates)).toStrictEqual(expected);
      const after = new Map((await db.second.getRuns(runs.map((r) => r.id))).map((run) => [run.id, run]));
      for (const [i, run] of runs.entries()) {
        expect(after.get(run.id)).toStrictEqual(i % 4 === 0 ? { ...run, message: `${i}`, rev: 1 } : run);
      }
      expect(await db.store.updateRuns([])).toStrictEqual([]);
    });

    it('takes 1,000 updates at once', async () => {
      const runs = Array.from({ length: 1_000 }, () => runRecord());
      await db.store.insertRuns(runs);
      const updates = runs.map(
        (run): RunUpdate => ({
          id: run.id,
          rev: 0,
          change: { set: { status: 'running', startedAt: T0 + 1 }, unset: ['owes'] },
        }),
      );
      expect(countOf(await db.store.updateRuns(updates), 'updated')).toBe(1_000);
      expect(countOf(await db.store.updateRuns(updates), 'conflict')).toBe(1_000);
    });
  });
}
