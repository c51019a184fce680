import type { RunRecord } from '@simple-scheduler/core';
import type { RunQuery, Store } from '@simple-scheduler/engine';
import { describe, expect, it } from 'vitest';
import type { Db } from './harness.ts';
import { fullRunRecord, newRunId, runRecord, T0, without } from './records.ts';

/** All pages of a query; `between` runs after each page. */
async function allPages(
  store: Store,
  query: RunQuery,
  between?: (page: number) => Promise<unknown>,
): Promise<RunRecord[][]> {
  const pages: RunRecord[][] = [];
  let after: string | undefined;
  do {
    const page = await store.listRuns({ ...query, ...(after === undefined ? {} : { after }) });
    pages.push(page.runs);
    after = page.next;
    if (pages.length > 1_000) throw new Error('the listing does not end');
    await between?.(pages.length);
  } while (after !== undefined);
  return pages;
}

const newestFirst = (runs: readonly RunRecord[]): RunRecord[] => [...runs].sort((a, b) => (a.id > b.id ? -1 : 1));
const STATUSES = ['pending', 'running', 'cancelling', 'cancelled', 'failed', 'completed', 'dead', 'skipped'] as const;

export function runQueryTests(db: Db): void {
  describe('listing runs', () => {
    it('lists whole records, newest first', async () => {
      const runs = [
        fullRunRecord({ createdAt: T0 + 5 }),
        runRecord({ createdAt: T0 + 9 }),
        runRecord({ createdAt: T0 }),
        runRecord({ createdAt: T0 + 5 }),
      ];
      await db.store.insertRuns(runs);
      expect(await db.second.listRuns({ limit: 50 })).toStrictEqual({ runs: newestFirst(runs) });
      expect(await db.second.listRuns({ limit: 50, jobName: 'nobody' })).toStrictEqual({ runs: [] });
    });

    it('cuts into pages, the last of which names no next one', async () => {
      const runs = newestFirst(Array.from({ length: 6 }, (_, n) => runRecord({ createdAt: T0 + n })));
      await db.store.insertRuns(runs);
      expect(await allPages(db.store, { limit: 4 })).toStrictEqual([runs.slice(0, 4), runs.slice(4)]);
      expect(await allPages(db.store, { limit: 3 })).toStrictEqual([runs.slice(0, 3), runs.slice(3)]);
      expect(await db.store.listRuns({ limit: 6 })).not.toHaveProperty('next');
    });

    it('starts after an id, whether a run has it or not', async () => {
      const runs = [0, 10, 20].map((n) => runRecord({ createdAt: T0 + n }));
      await db.store.insertRuns(runs);
      expect(await db.store.listRuns({ limit: 9, after: runs[1]?.id ?? '' })).toStrictEqual({ runs: runs.slice(0, 1) });
      expect((await db.store.listRuns({ limit: 9, after: newRunId(T0 + 15) })).runs).toStrictEqual([runs[1], runs[0]]);
    });

    it('neither skips nor repeats a run while others are inserted between the pages', async () => {
      const fixed = Array.from({ length: 100 }, (_, n) => runRecord({ createdAt: T0 + n * 10 }));
      await db.store.insertRuns(fixed);
      const pages = await allPages(db.store, { limit: 9 }, (page) =>
        db.second.insertRuns([
          runRecord({ createdAt: T0 + 2_000 + page }),
          runRecord({ createdAt: T0 + (100 - page * 5) * 10 + 3 }),
          runRecord({ createdAt: T0 - page }),
        ]),
      );
      const ids = pages.flat().map((run) => run.id);
      expect(ids).toStrictEqual([...ids].sort().reverse());
      expect(new Set(ids).size).toBe(ids.length);
      const wanted = new Set(fixed.map((run) => run.id));
      expect(ids.filter((id) => wanted.has(id))).toHaveLength(100);
    });

    it('goes through runs that change status between the pages without repeating one', async () => {
      const runs = Array.from({ length: 30 }, (_, n) => runRecord({ createdAt: T0 + n }));
      await db.store.insertRuns(runs);
      const pages = await allPages(db.store, { limit: 4, statuses: ['pending', 'running'] }, (page) =>
        db.second.updateRuns(
          newestFirst(runs)
            .slice(page, page + 9)
            .map((run) => ({ id: run.id, rev: page - 1, change: { set: { status: 'running' }, unset: [] } })),
        ),
      );
      expect(pages.flat().map((run) => run.id)).toStrictEqual(newestFirst(runs).map((run) => run.id));
    });

    it('finds by job name, exactly', async () => {
      const runs = ['report', 'Report', 'report.2', 'rep_rt'].map((jobName) => runRecord({ jobName }));
      await db.store.insertRuns(runs);
      expect((await db.store.listRuns({ limit: 9, jobName: 'report' })).runs).toStrictEqual([runs[0]]);
      expect((await db.store.listRuns({ limit: 9, jobName: 'rep_rt' })).runs).toStrictEqual([runs[3]]);
    });

    it.each([
      ['createdBefore', 'createdAt'],
      ['startedBefore', 'startedAt'],
      ['heartbeatBefore', 'heartbeatAt'],
    ] as const)('finds by %s: strictly before, and only runs that have the time', async (filter, field) => {
      const timed = [0, 1, 2].map((n) => runRecord({ createdAt: T0 + n, [field]: T0 + n }));
      const untimed = field === 'createdAt' ? [] : [runRecord()];
      await db.store.insertRuns([...timed, ...untimed]);
      expect((await db.store.listRuns({ limit: 9, [filter]: T0 + 2 })).runs).toStrictEqual(
        newestFirst(timed.slice(0, 2)),
      );
      expect((await db.store.listRuns({ limit: 9, [filter]: T0 + 3 })).runs).toStrictEqual(newestFirst(timed));
      expect((await db.store.listRuns({ limit: 9, [filter]: T0 })).runs).toStrictEqual([]);
    });

    it('finds by createdAfter: at it or later', async () => {
      const runs = [0, 1, 2].map((n) => runRecord({ createdAt: T0 + n }));
      await db.store.insertRuns(runs);
      for (const [from, count] of [
        [0, 3],
        [T0, 3],
        [T0 + 1, 2],
        [T0 + 3, 0],
        [2 ** 50, 0],
      ] as const) {
        const expected = newestFirst(runs.slice(3 - count));
        expect((await db.store.listRuns({ limit: 9, createdAfter: from })).runs, String(from)).toStrictEqual(expected);
      }
    });

    it('combines all filters, across pages', async () => {
      const runs = Array.from({ length: 128 }, (_, n) => {
        const run = runRecord({ createdAt: T0 + n, jobName: `j${n % 2}`, status: STATUSES[n % 8] ?? 'pending' });
        return {
          ...run,
          ...(n % 3 === 0 ? {} : { startedAt: T0 + n }),
          ...(n % 5 === 0 ? {} : { heartbeatAt: T0 + 2 * n }),
        };
      });
      await db.store.insertRuns(runs);
      const timed = (at: number | undefined, limit: number | undefined): boolean =>
        limit === undefined || (at !== undefined && at < limit);
      for (const jobName of [undefined, 'j1']) {
        for (const statuses of [undefined, ['completed'] as const, ['pending', 'running', 'failed'] as const]) {
          for (const [createdAfter, createdBefore] of [[], [undefined, T0 + 100], [T0 + 20, T0 + 100], [T0 + 7]]) {
            for (const startedBefore of [undefined, T0 + 60]) {
              for (const heartbeatBefore of [undefined, T0 + 90]) {
                const filter = { jobName, statuses, createdAfter, createdBefore, startedBefore, heartbeatBefore };
                const expected = runs.filter(
                  (run) =>
                    (jobName === undefined || run.jobName === jobName) &&
                    (statuses === undefined || (statuses as readonly string[]).includes(run.status)) &&
                    run.createdAt >= (createdAfter ?? 0) &&
                    timed(run.createdAt, createdBefore) &&
                    timed(run.startedAt, startedBefore) &&
                    timed(run.heartbeatAt, heartbeatBefore),
                );
                const given = without(
                  filter,
                  ...(Object.keys(filter) as (keyof typeof filter)[]).filter((k) => filter[k] === undefined),
                );
                const pages = await allPages(db.store, { limit: 11, ...given });
                expect(pages.flat(), JSON.stringify(filter)).toStrictEqual(newestFirst(expected));
                expect(pages, JSON.stringify(filter)).toHaveLength(Math.max(1, Math.ceil(expected.length / 11)));
              }
            }
          }
        }
      }
    });
  });
}
