import type { RunRecord } from '@simple-scheduler/core';
import { describe, expect, it } from 'vitest';
import { countOf, type Db, race } from './harness.ts';
import { fullRunRecord, newRunId, newUid, runRecord, T0, without } from './records.ts';

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

export function runInsertTests(db: Db): void {
  describe('inserting runs', () => {
    it('gives back runs as they were inserted, absent fields absent', async () => {
      const minimal = without(runRecord(), 'tickKey', 'owes');
      const full = fullRunRecord();
      expect(await db.store.insertRuns([minimal, full])).toStrictEqual(['created', 'created']);
      expect(await db.second.getRun(minimal.id)).toStrictEqual(minimal);
      expect(await db.second.getRun(full.id)).toStrictEqual(full);
      const both = await db.second.getRuns([full.id, newRunId(T0), minimal.id, full.id]);
      expect(both.sort(byId)).toStrictEqual([minimal, full].sort(byId));
    });

    it('keeps values that look like nothing', async () => {
      const run = runRecord({
        progress: 0,
        message: '',
        error: '',
        output: false,
        payload: null,
        waiting: false,
        watchAt: 0,
        spanCount: 0,
        attempts: [],
        rev: 0,
      });
      await db.store.insertRuns([
        run,
        runRecord({ output: 0 }),
        runRecord({ output: '' }),
        runRecord({ output: null }),
      ]);
      expect(await db.second.getRun(run.id)).toStrictEqual(run);
      const { runs } = await db.store.listRuns({ limit: 9 });
      expect(runs.map((r) => r.output)).toStrictEqual([null, '', 0, false]);
    });

    it('answers null, or leaves out, what is not there', async () => {
      expect(await db.store.getRun(newRunId(T0))).toBeNull();
      expect(await db.store.getRuns([newRunId(T0)])).toStrictEqual([]);
      expect(await db.store.getRuns([])).toStrictEqual([]);
      expect(await db.store.insertRuns([])).toStrictEqual([]);
    });

    it('makes the same tick one record, from whatever place it comes', async () => {
      const tickKey = `${newUid()}:0:${T0}`;
      const first = runRecord({ tickKey });
      expect(await db.store.insertRuns([first])).toStrictEqual(['created']);
      const again = runRecord({ tickKey, status: 'skipped', reason: 'misfire' });
      expect(await db.second.insertRuns([again])).toStrictEqual(['exists']);
      expect(await db.store.getRun(again.id)).toBeNull();
      expect((await db.store.listRuns({ limit: 9 })).runs).toStrictEqual([first]);
    });

    it('lets one of many inserts of the same tick through', async () => {
      const tickKey = `${newUid()}:0:${T0}`;
      const runs = Array.from({ length: 100 }, () => runRecord({ tickKey }));
      const outcomes = (await race(db, runs.length, (store, i) => store.insertRuns([runs[i] as RunRecord]))).flat();
      expect(countOf(outcomes, 'created')).toBe(1);
      expect(countOf(outcomes, 'exists')).toBe(99);
      expect((await db.store.listRuns({ limit: 9 })).runs).toStrictEqual([runs[outcomes.indexOf('created')]]);
    });

    it('makes each tick of two overlapping batches one record', async () => {
      const ticks = Array.from({ length: 300 }, (_, i) => `${newUid()}:0:${T0 + i}`);
      const batches = [0, 1, 2, 3].map((b) =>
        ticks.slice(b * 50, b * 50 + 150).map((tickKey) => runRecord({ tickKey })),
      );
      const outcomes = await race(db, batches.length, (store, i) => store.insertRuns(batches[i] ?? []));
      const created = batches.flatMap((batch, b) => batch.filter((_, i) => outcomes[b]?.[i] === 'created'));
      expect(new Set(created.map((run) => run.tickKey))).toStrictEqual(new Set(ticks));
      expect(created).toHaveLength(ticks.length);
      expect(countOf(outcomes.flat(), 'created') + countOf(outcomes.flat(), 'exists')).toBe(600);
      const { runs } = await db.store.listRuns({ limit: 500 });
      expect(runs.sort(byId)).toStrictEqual(created.sort(byId));
    });

    it('takes any number of runs without a tick and without a slot', async () => {
      const jobUid = newUid();
      const runs = Array.from({ length: 5 }, () => without(runRecord({ jobUid, trigger: 'manual' }), 'tickKey'));
      expect(await db.store.insertRuns(runs)).toStrictEqual(runs.map(() => 'created'));
    });

    it('answers `exists` to an insert that is repeated, with or without a tick', async () => {
      const jobUid = newUid();
      const runs = [
        runRecord(),
        without(runRecord({ trigger: 'manual' }), 'tickKey'),
        without(runRecord({ jobUid, slot: `${jobUid}:a` }), 'tickKey'),
      ];
      await db.store.insertRuns(runs);
      expect(await db.second.insertRuns(runs)).toStrictEqual(['exists', 'exists', 'exists']);
      expect((await db.store.listRuns({ limit: 9 })).runs).toHaveLength(3);
    });
  });

  describe('slots', () => {
    it('holds a slot for one run', async () => {
      const slot = `${newUid()}:a`;
      const holder = runRecord({ slot });
      await db.store.insertRuns([holder]);
      const second = runRecord({ slot });
      expect(await db.second.insertRuns([second])).toStrictEqual(['slot_taken']);
      expect(await db.store.getRun(second.id)).toBeNull();
      expect(await db.store.insertRuns([{ ...second, slot: `${newUid()}:w0` }])).toStrictEqual(['created']);
    });

    it('lets one of many inserts of the same slot through', async () => {
      const slot = `${newUid()}:a`;
      const runs = Array.from({ length: 100 }, () => runRecord({ slot }));
      const outcomes = (await race(db, runs.length, (store, i) => store.insertRuns([runs[i] as RunRecord]))).flat();
      expect(countOf(outcomes, 'created')).toBe(1);
      expect(countOf(outcomes, 'slot_taken')).toBe(99);
      expect((await db.store.listRuns({ limit: 9 })).runs).toStrictEqual([runs[outcomes.indexOf('created')]]);
    });

    it('gives a slot again once its run has left it', async () => {
      const slot = `${newUid()}:a`;
      const first = runRecord({ slot });
      await db.store.insertRuns([first]);
      const change = { set: { status: 'completed', endedAt: T0 + 1 }, unset: ['slot', 'owes'] } as const;
      expect(await db.store.updateRuns([{ id: first.id, rev: 0, change }])).toStrictEqual(['updated']);
      const second = runRecord({ slot });
      expect(await db.second.insertRuns([second])).toStrictEqual(['created']);
      expect(await db.store.insertRuns([runRecord({ slot })])).toStrictEqual(['slot_taken']);
    });

    it('answers `exists` to a run whose tick is recorded and whose slot is taken', async () => {
      const slot = `${newUid()}:a`;
      const run = runRecord({ slot });
      await db.store.insertRuns([run]);
      expect(await db.store.insertRuns([{ ...run, id: newRunId(T0) }])).toStrictEqual(['exists']);
      const elsewhere = runRecord({ slot: `${newUid()}:a` });
      await db.store.insertRuns([elsewhere]);
      const both = runRecord({ tickKey: elsewhere.tickKey ?? '', slot });
      expect(await db.second.insertRuns([both])).toStrictEqual(['exists']);
    });
  });

  describe('batches of runs', () => {
    it('answers a mixed batch in the order of its runs', async () => {
      const known = runRecord();
      const holder = runRecord({ slot: `${newUid()}:a` });
      await db.store.insertRuns([known, holder]);
      const batch = Array.from({ length: 300 }, (_, i) =>
        i % 3 === 0
          ? runRecord()
          : i % 3 === 1
            ? runRecord({ tickKey: known.tickKey ?? '' })
            : runRecord({ slot: holder.slot ?? '' }),
      );
      const expected = batch.map((_, i) => (['created', 'exists', 'slot_taken'] as const)[i % 3]);
      expect(await db.store.insertRuns(batch)).toStrictEqual(expected);
      const stored = await db.second.getRuns(batch.map((run) => run.id));
      expect(stored.sort(byId)).toStrictEqual(batch.filter((_, i) => i % 3 === 0));
    });

    it('creates one of two runs of the same tick, or of the same slot, within a batch', async () => {
      const tickKey = `${newUid()}:0:${T0}`;
      const slot = `${newUid()}:a`;
      const batch = [
        runRecord({ tickKey }),
        runRecord({ slot }),
        runRecord({ tickKey }),
        runRecord(),
        runRecord({ slot }),
      ];
      const outcomes = await db.store.insertRuns(batch);
      expect(new Set([outcomes[0], outcomes[2]])).toStrictEqual(new Set(['created', 'exists']));
      expect(new Set([outcomes[1], outcomes[4]])).toStrictEqual(new Set(['created', 'slot_taken']));
      expect(outcomes[3]).toBe('created');
      const stored = await db.store.getRuns(batch.map((run) => run.id));
      expect(stored.sort(byId)).toStrictEqual(batch.filter((_, i) => outcomes[i] === 'created'));
    });

    it('takes 1,000 runs at once', async () => {
      const batch = Array.from({ length: 1_000 }, (_, i) => fullRunRecord({ slot: `${newUid()}:w${i}` }));
      expect(countOf(await db.store.insertRuns(batch), 'created')).toBe(1_000);
      const stored = await db.second.getRuns(batch.map((run) => run.id));
      expect(stored.sort(byId)).toStrictEqual(batch);
      expect(countOf(await db.store.insertRuns(batch), 'exists')).toBe(1_000);
    });
  });
}
