import type { RunRecord } from '@simple-scheduler/core';
import { describe, expect, it } from 'vitest';
import { type Db, race } from './harness.ts';
import { newRunId, runRecord, T0, without } from './records.ts';

export function runSignTests(db: Db): void {
  const inserted = async (run: RunRecord): Promise<RunRecord> => {
    await db.store.insertRuns([run]);
    return run;
  };
  const running = (overrides: Partial<RunRecord> = {}): RunRecord =>
    without(
      runRecord({
        status: 'running',
        startedAt: T0,
        heartbeatAt: T0 + 10,
        rev: 3,
        attempt: 2,
        watchAt: T0 + 500,
        ...overrides,
      }),
      'owes',
    );

  describe('heartbeats', () => {
    it('moves heartbeatAt on, with progress and message where given, and leaves rev and watchAt', async () => {
      const run = await inserted(running({ progress: 0.1, message: 'begun' }));
      await db.store.recordHeartbeats([{ id: run.id, attempt: 2, at: T0 + 20 }]);
      expect(await db.second.getRun(run.id)).toStrictEqual({ ...run, heartbeatAt: T0 + 20 });
      await db.store.recordHeartbeats([{ id: run.id, attempt: 2, at: T0 + 30, progress: 0 }]);
      expect(await db.second.getRun(run.id)).toStrictEqual({ ...run, heartbeatAt: T0 + 30, progress: 0 });
      await db.store.recordHeartbeats([{ id: run.id, attempt: 2, at: T0 + 40, progress: 0.9, message: '' }]);
      expect(await db.second.getRun(run.id)).toStrictEqual({
        ...run,
        heartbeatAt: T0 + 40,
        progress: 0.9,
        message: '',
      });
    });

    it('counts the first heartbeat of a run that has none', async () => {
      const run = await inserted(without(running(), 'heartbeatAt'));
      await db.store.recordHeartbeats([{ id: run.id, attempt: 2, at: T0 + 1, progress: 1 }]);
      expect(await db.second.getRun(run.id)).toStrictEqual({ ...run, heartbeatAt: T0 + 1, progress: 1 });
    });

    it.each([
      ['an older heartbeat', {}, { at: T0 + 9 }],
      ['a heartbeat of an older attempt', {}, { attempt: 1 }],
      ['a heartbeat of a newer attempt', {}, { attempt: 3 }],
      ['a heartbeat of a pending run', { status: 'pending' }, {}],
      ['a heartbeat of a cancelling run', { status: 'cancelling' }, {}],
      ['a heartbeat of a run that has ended', { status: 'completed' }, {}],
      ['a heartbeat of another run', {}, { id: newRunId(T0) }],
    ] as const)('ignores %s', async (_title, state, beat) => {
      const run = await inserted(running(state));
      await db.store.recordHeartbeats([
        { id: run.id, attempt: 2, at: T0 + 99, progress: 0.5, message: 'late', ...beat },
      ]);
      expect(await db.second.getRun(run.id)).toStrictEqual(run);
      expect((await db.store.listRuns({ limit: 9 })).runs).toHaveLength(1);
    });

    it('keeps the newest, in whatever order they come', async () => {
      const runs = Array.from({ length: 20 }, () => running());
      await db.store.insertRuns(runs);
      await race(db, 10, (store, i) =>
        store.recordHeartbeats(
          runs.map((run, n) => ({
            id: run.id,
            attempt: 2,
            at: T0 + 100 + ((i * 7 + n) % 10),
            message: `${(i * 7 + n) % 10}`,
          })),
        ),
      );
      for (const run of runs)
        expect(await db.store.getRun(run.id)).toStrictEqual({ ...run, heartbeatAt: T0 + 109, message: '9' });
      await db.store.recordHeartbeats([]);
    });
  });

  describe('marking as published', () => {
    it('clears an owed run action, and sets publishedAt and watchAt', async () => {
      const run = await inserted(runRecord({ watchAt: T0 + 5, rev: 2 }));
      await db.store.markPublished([{ id: run.id, attempt: 1, action: 'run', at: T0 + 7, watchAt: T0 + 90 }]);
      expect(await db.second.getRun(run.id)).toStrictEqual({
        ...without(run, 'owes'),
        publishedAt: T0 + 7,
        watchAt: T0 + 90,
      });
    });

    it('clears watchAt where none is given', async () => {
      const run = await inserted(runRecord({ watchAt: T0 + 5 }));
      await db.store.markPublished([{ id: run.id, attempt: 1, action: 'run', at: T0 + 7 }]);
      expect(await db.second.getRun(run.id)).toStrictEqual({ ...without(run, 'owes', 'watchAt'), publishedAt: T0 + 7 });
      expect(await db.store.nextWatchAt()).toBeNull();
    });

    it('leaves publishedAt and watchAt of a run that is running before the confirm', async () => {
      const early = {
        status: 'running',
        attempt: 2,
        publishedAt: T0 + 3,
        startedAt: T0 + 3,
        watchAt: T0 + 50,
      } as const;
      const [watched, unwatched] = [runRecord(early), without(runRecord(early), 'watchAt')];
      for (const run of [watched, unwatched]) {
        const { id } = await inserted(run);
        await db.store.markPublished([{ id, attempt: 2, action: 'run', at: T0 + 7, watchAt: T0 + 90 }]);
        expect(await db.second.getRun(id)).toStrictEqual(without(run, 'owes'));
      }
      const { id } = await inserted(runRecord(early));
      await db.store.markPublished([{ id, attempt: 2, action: 'run', at: T0 + 7 }]);
      expect(await db.second.getRun(id)).toMatchObject({ publishedAt: T0 + 3, watchAt: T0 + 50 });
    });

    it('clears an owed cancel action and leaves publishedAt and watchAt', async () => {
      const run = await inserted(
        runRecord({ status: 'cancelling', owes: 'cancel', publishedAt: T0 + 1, watchAt: T0 + 60 }),
      );
      await db.store.markPublished([{ id: run.id, attempt: 1, action: 'cancel', at: T0 + 7, watchAt: T0 + 90 }]);
      expect(await db.second.getRun(run.id)).toStrictEqual(without(run, 'owes'));
      const unpublished = await inserted(runRecord({ status: 'cancelling', owes: 'cancel' }));
      await db.store.markPublished([{ id: unpublished.id, attempt: 1, action: 'cancel', at: T0 + 7 }]);
      expect(await db.second.getRun(unpublished.id)).toStrictEqual(without(unpublished, 'owes'));
    });

    it.each([
      ['an older attempt', runRecord({ attempt: 2 }), { attempt: 1 }],
      ['a newer attempt', runRecord({ attempt: 2 }), { attempt: 3 }],
      [
        'a run action where a cancel is owed',
        runRecord({ attempt: 2, status: 'cancelling', owes: 'cancel' }),
        { action: 'run' },
      ],
      ['a cancel action where a run is owed', runRecord({ attempt: 2 }), { action: 'cancel' }],
      [
        'an action that is not owed any more',
        without(runRecord({ attempt: 2, status: 'running', publishedAt: T0, watchAt: T0 + 3 }), 'owes'),
        {},
      ],
      ['an action of another run', runRecord({ attempt: 2 }), { id: newRunId(T0) }],
    ] as const)('ignores %s', async (_title, run, published) => {
      const { id } = await inserted(run);
      await db.store.markPublished([{ id, attempt: 2, action: 'run', at: T0 + 7, watchAt: T0 + 90, ...published }]);
      expect(await db.second.getRun(id)).toStrictEqual(run);
    });

    it('marks a whole batch', async () => {
      const runs = Array.from({ length: 1_000 }, (_, i) =>
        runRecord(i % 2 === 0 ? {} : { status: 'cancelling', owes: 'cancel' }),
      );
      await db.store.insertRuns(runs);
      await db.store.markPublished(
        runs.map((run, i) => ({
          id: run.id,
          attempt: 1,
          action: i % 2 === 0 ? 'run' : 'cancel',
          at: T0 + i,
          watchAt: T0 + i + 1,
        })),
      );
      const after = new Map((await db.store.getRuns(runs.map((r) => r.id))).map((run) => [run.id, run]));
      for (const [i, run] of runs.entries()) {
        const done = i % 2 === 0 ? { publishedAt: T0 + i, watchAt: T0 + i + 1 } : {};
        expect(after.get(run.id)).toStrictEqual({ ...without(run, 'owes'), ...done });
      }
      await db.store.markPublished([]);
    });
  });
}
