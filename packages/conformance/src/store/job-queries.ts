import type { JobRecord } from '@simple-scheduler/core';
import type { JobQuery, Store } from '@simple-scheduler/engine';
import { describe, expect, it } from 'vitest';
import type { Db } from './harness.ts';
import { fullJobRecord, jobRecord } from './records.ts';

/** All pages of a query; `between` runs after each page. */
async function allPages(
  store: Store,
  query: JobQuery,
  between?: (page: number) => Promise<unknown>,
): Promise<JobRecord[][]> {
  const pages: JobRecord[][] = [];
  let after: string | undefined;
  do {
    const page = await store.listJobs({ ...query, ...(after === undefined ? {} : { after }) });
    pages.push(page.jobs);
    after = page.next;
    if (pages.length > 1_000) throw new Error('the listing does not end');
    await between?.(pages.length);
  } while (after !== undefined);
  return pages;
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const namesOf = (jobs: readonly JobRecord[]): string[] => jobs.map((job) => job.name);

export function jobQueryTests(db: Db): void {
  const insertNamed = async (...names: readonly string[]): Promise<void> => {
    for (const name of names) await db.store.insertJob(jobRecord({ name }));
  };

  describe('listing jobs', () => {
    it('orders by the code units of the name', async () => {
      const names = ['b', 'B', 'a', 'A', '0', '9', 'a-b', 'a.b', 'a_b', 'a0', 'aB', 'ab', 'a-', 'Z', 'z', '10', '2'];
      await insertNamed(...names);
      const { jobs, next } = await db.second.listJobs({ limit: 50 });
      expect(namesOf(jobs)).toStrictEqual([...names].sort(byCodeUnits));
      expect(next).toBeUndefined();
    });

    it('lists whole records', async () => {
      const job = fullJobRecord();
      await db.store.insertJob(job);
      expect(await db.store.listJobs({ limit: 1 })).toStrictEqual({ jobs: [job] });
    });

    it('cuts into pages, the last of which names no next one', async () => {
      await insertNamed('a', 'b', 'c', 'd', 'e', 'f');
      expect((await allPages(db.store, { limit: 4 })).map(namesOf)).toStrictEqual([
        ['a', 'b', 'c', 'd'],
        ['e', 'f'],
      ]);
      expect((await allPages(db.store, { limit: 3 })).map(namesOf)).toStrictEqual([
        ['a', 'b', 'c'],
        ['d', 'e', 'f'],
      ]);
      expect(await db.store.listJobs({ limit: 6 })).not.toHaveProperty('next');
    });

    it('starts after a name, whether a job has it or not', async () => {
      await insertNamed('a', 'b', 'd');
      expect(namesOf((await db.store.listJobs({ limit: 9, after: 'b' })).jobs)).toStrictEqual(['d']);
      expect(namesOf((await db.store.listJobs({ limit: 9, after: 'c' })).jobs)).toStrictEqual(['d']);
      expect(await db.store.listJobs({ limit: 9, after: 'd' })).toStrictEqual({ jobs: [] });
    });

    it('neither skips nor repeats a job while others come and go between the pages', async () => {
      const fixed = Array.from({ length: 60 }, (_, i) => `m${String(i).padStart(3, '0')}`);
      const doomed = fixed.map((name) => `${name}-doomed`);
      await insertNamed(...fixed, ...doomed);
      const pages = await allPages(db.store, { limit: 7 }, async (page) => {
        await insertNamed(
          `a-new-${page}`,
          `m0${String(page * 3 - 1).padStart(2, '0')}-new-${page}`,
          `z-new-${String(page).padStart(3, '0')}`,
        );
        const name = doomed.at(page * 4);
        const job = name === undefined ? null : await db.second.getJob(name);
        if (job) await db.second.deleteJob(job);
        if (page > 40) throw new Error('new jobs at the end keep the listing going');
      });
      const listed = namesOf(pages.flat());
      expect(listed.filter((name) => fixed.includes(name))).toStrictEqual(fixed);
      expect(new Set(listed).size).toBe(listed.length);
      expect(listed).toStrictEqual([...listed].sort(byCodeUnits));
    });

    it('finds by exact name', async () => {
      await insertNamed('report', 'Report', 'report2');
      expect(namesOf((await db.store.listJobs({ limit: 9, name: 'report' })).jobs)).toStrictEqual(['report']);
      expect((await db.store.listJobs({ limit: 9, name: 'repor' })).jobs).toStrictEqual([]);
    });

    it('finds by prefix, in which no character is special', async () => {
      await insertNamed('a_b', 'aXb', 'a.b', 'a-b', 'A_b', 'a_', 'a', 'ab', 'a__', 'b_a');
      const found = async (namePrefix: string): Promise<string[]> =>
        namesOf((await db.store.listJobs({ limit: 99, namePrefix })).jobs);
      expect(await found('a_')).toStrictEqual(['a_', 'a__', 'a_b']);
      expect(await found('a.')).toStrictEqual(['a.b']);
      expect(await found('A')).toStrictEqual(['A_b']);
      expect(await found('a_b')).toStrictEqual(['a_b']);
      expect(await found('')).toHaveLength(10);
      for (const nothing of [
        '%',
        'a%',
        '.*',
        '^a',
        'a*',
        'a?',
        '[a]',
        '(a',
        'a\\',
        "a'",
        'a"',
        '$',
        'a\0',
        '\u{10ffff}',
        '\uffff',
        '\ud800',
        'zz',
      ]) {
        expect(await found(nothing), JSON.stringify(nothing)).toStrictEqual([]);
      }
    });

    it('pages through a prefix', async () => {
      const names = Array.from({ length: 11 }, (_, i) => `pre.${String(i).padStart(2, '0')}`);
      await insertNamed('pr', 'pre', 'pre-00', 'pre/', ...names, 'pre0', 'prf', 'q');
      expect((await allPages(db.store, { limit: 4, namePrefix: 'pre.' })).map((p) => p.length)).toStrictEqual([
        4, 4, 3,
      ]);
      expect(namesOf((await allPages(db.store, { limit: 4, namePrefix: 'pre.' })).flat())).toStrictEqual(names);
    });

    it('finds by labels, all of which a job must have', async () => {
      const meta = [
        { team: 'a' },
        { team: 'a', tier: '1' },
        { team: 'b', tier: '1' },
        { tier: 'a' },
        { Team: 'a' },
        { team: 'A' },
        {},
      ];
      for (const [i, labels] of meta.entries()) await db.store.insertJob(jobRecord({ name: `j${i}`, meta: labels }));
      await insertNamed('bare');
      const found = async (wanted: Record<string, string>): Promise<string[]> =>
        namesOf((await db.store.listJobs({ limit: 99, meta: wanted })).jobs);
      expect(await found({ team: 'a' })).toStrictEqual(['j0', 'j1']);
      expect(await found({ team: 'a', tier: '1' })).toStrictEqual(['j1']);
      expect(await found({ tier: '1', team: 'b' })).toStrictEqual(['j2']);
      expect(await found({ team: 'c' })).toStrictEqual([]);
      expect(await found({ team: '' })).toStrictEqual([]);
      expect(await found({})).toHaveLength(8);
    });

    it('combines all filters, across pages', async () => {
      const jobs = Array.from({ length: 64 }, (_, i) =>
        jobRecord({
          name: `${i % 2 === 0 ? 'even' : 'odd'}.${String(i).padStart(2, '0')}`,
          enabled: i % 4 < 2,
          meta: { third: String(i % 3), half: String(i % 2) },
        }),
      );
      for (const job of jobs) await db.store.insertJob(job);
      for (const enabled of [undefined, true, false]) {
        for (const namePrefix of [undefined, 'even.', 'odd.1']) {
          for (const name of [undefined, 'even.10']) {
            for (const meta of [undefined, { third: '1' }, { third: '1', half: '0' }]) {
              const filter = { enabled, namePrefix, name, meta };
              const expected = jobs.filter(
                (job) =>
                  (enabled === undefined || job.enabled === enabled) &&
                  (namePrefix === undefined || job.name.startsWith(namePrefix)) &&
                  (name === undefined || job.name === name) &&
                  Object.entries(meta ?? {}).every(([key, value]) => job.meta?.[key] === value),
              );
              const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
              const pages = await allPages(db.store, { limit: 5, ...given });
              expect(pages.flat(), JSON.stringify(filter)).toStrictEqual(
                expected.sort((a, b) => byCodeUnits(a.name, b.name)),
              );
              expect(pages, JSON.stringify(filter)).toHaveLength(Math.max(1, Math.ceil(expected.length / 5)));
            }
          }
        }
      }
    });
  });
}
