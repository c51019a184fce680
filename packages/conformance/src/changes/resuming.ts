import { describe, expect, it } from 'vitest';
import { jobRecord, runRecord } from '../store/records.ts';
import type { Feeds } from './harness.ts';

export function resumeTests(feeds: Feeds): void {
  describe('going on from a cursor', () => {
    it('tells all that came after it: of a batch, of a change, and of the beginning', async () => {
      const { store, second } = feeds.db;
      const first = await feeds.follow();
      const start = await first.started();
      const runs = Array.from({ length: 20 }, () => runRecord());
      await store.insertRuns(runs.slice(0, 10));
      await first.until(() => first.changes.length === 10);
      await first.stop();
      await store.insertRuns(runs.slice(10));
      const ids = runs.map(({ id }) => id);
      const heardAfter = async (cursor: string, count: number): Promise<void> => {
        const follower = await feeds.follow(cursor, second);
        await follower.until(() => follower.changes.length >= count);
        expect(follower.changes.map(({ id }) => id)).toStrictEqual(ids.slice(20 - count));
        expect(follower.batches.some(({ lost }) => lost)).toBe(false);
        await follower.stop();
      };
      await heardAfter(start, 20);
      await heardAfter(first.changes[3]?.cursor ?? '', 16);
      await heardAfter(first.batches.at(-1)?.cursor ?? '', 10);
    });

    it('is the same for every process, and loses nothing over many short followings', async () => {
      const { store, second } = feeds.db;
      let cursor = await (await feeds.follow()).started();
      const heard: string[] = [];
      const written: string[] = [];
      for (let round = 0; round < 6; round += 1) {
        const runs = Array.from({ length: 5 }, () => runRecord());
        await store.insertRuns(runs);
        written.push(...runs.map(({ id }) => id));
        const follower = await feeds.follow(cursor, round % 2 === 0 ? second : store);
        await follower.until(() => follower.changes.length > 0);
        await follower.stop();
        // As a client would that was cut off in the middle of a batch.
        const kept = follower.changes.slice(0, 3);
        heard.push(...kept.map(({ id }) => id));
        cursor = kept.at(-1)?.cursor ?? '';
      }
      const last = await feeds.follow(cursor);
      await last.until(() => heard.length + last.changes.length >= written.length);
      expect([...heard, ...last.changes.map(({ id }) => id)]).toStrictEqual(written);
    });

    it('says where nothing is to be had from a cursor, and goes on from now', async () => {
      const { store, age } = feeds.db;
      const before = await feeds.follow();
      await store.insertJob(jobRecord({ name: 'before' }));
      await before.hears('job', 'before');
      const real = before.changes[0]?.cursor ?? '';
      await store.insertJob(jobRecord({ name: 'newest' }));
      const digits = real.replaceAll(/[0-9]/g, '0');
      const future = `${real.slice(0, 3)}7${real.slice(4)}`;
      for (const cursor of ['', 'x', "'; --", digits, future, await age(real)]) {
        const follower = await feeds.follow(cursor);
        expect([cursor, follower.batches[0]]).toEqual([cursor, expect.objectContaining({ changes: [], lost: true })]);
        const name = `after-${Math.random()}`;
        await store.insertJob(jobRecord({ name }));
        await follower.hears('job', name);
        expect(follower.changes).toHaveLength(1);
        expect(follower.batches.filter(({ lost }) => lost)).toHaveLength(1);
        await follower.stop();
      }
    });

    it('goes on where its connections are cut', async () => {
      const { store, second, cutConnections } = feeds.db;
      let follower = await feeds.follow();
      const heard: string[] = [];
      for (let round = 0; round < 3; round += 1) {
        await cutConnections?.();
        const name = `job-${round}`;
        await second.insertJob(jobRecord({ name }));
        // A driver may leave it to us to follow again.
        await follower.hears('job', name).catch(async () => {
          const cursor = follower.batches.at(-1)?.cursor;
          heard.push(...follower.changes.map(({ id }) => id));
          follower = await feeds.follow(cursor);
          await follower.hears('job', name);
        });
      }
      expect([...heard, ...follower.changes.map(({ id }) => id)]).toStrictEqual(['job-0', 'job-1', 'job-2']);
      await store.ping();
    });
  });
}
