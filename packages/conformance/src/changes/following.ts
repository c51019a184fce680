import type { Change } from '@simple-scheduler/engine';
import { describe, expect, it } from 'vitest';
import { jobRecord, newUid, runRecord, T0 } from '../store/records.ts';
import type { Feeds } from './harness.ts';

const names = (changes: readonly Change[]): string[] =>
  changes.map(({ kind, id, deleted }) => `${deleted ? '-' : ''}${kind} ${id}`);

export function followTests(feeds: Feeds): void {
  describe('following', () => {
    it('begins with where it stands, and with nothing of what was before', async () => {
      const { store } = feeds.db;
      await store.insertJob(jobRecord({ name: 'before' }));
      const follower = await feeds.follow();
      expect(follower.batches[0]).toStrictEqual({ changes: [], cursor: expect.stringMatching(/^[A-Za-z0-9-]+$/) });
      await store.insertJob(jobRecord({ name: 'after' }));
      await follower.hears('job', 'after');
      expect(names(follower.changes)).toStrictEqual(['job after']);
    });

    it('tells of each write to a job that can be seen, whoever makes it', async () => {
      const { store, second } = feeds.db;
      const follower = await feeds.follow();
      const [job, managerId] = [jobRecord({ name: 'a' }), newUid()];
      const heard = async (count: number): Promise<void> => {
        await follower.until(() => follower.changes.length >= count);
        expect(names(follower.changes)).toStrictEqual(Array.from({ length: count }, () => 'job a'));
      };
      await second.insertJob(job);
      await heard(1);
      const guard = { uid: job.uid, revision: 1, nextRunAt: job.nextRunAt };
      await second.editJob({ name: 'a', guard, set: { description: 'x' }, unset: [], free: false });
      await heard(2);
      await second.takeFreeJobs(managerId, 1);
      await heard(3);
      const { name, uid, epoch } = job;
      const advance = { name, uid, epoch, managerId, leaseToken: 1, from: job.nextRunAt ?? 0, to: T0 + 120_000 };
      expect(await store.advanceJobs([advance])).toStrictEqual(['advanced']);
      await heard(4);
      await store.releaseJobsOf([managerId], 1_000);
      await heard(5);
    });

    it('tells of each write to a run, and not of one that changed nothing', async () => {
      const { store, second } = feeds.db;
      const follower = await feeds.follow();
      const run = runRecord();
      await second.insertRuns([run]);
      await second.insertRuns([run]);
      await store.markPublished([{ id: run.id, attempt: 1, action: 'run', at: T0 + 1 }]);
      const change = { set: { status: 'running' as const, startedAt: T0 + 2 }, unset: [] };
      expect(await second.updateRuns([{ id: run.id, rev: 0, change }])).toStrictEqual(['updated']);
      expect(await second.updateRuns([{ id: run.id, rev: 0, change }])).toStrictEqual(['conflict']);
      await store.recordHeartbeats([{ id: run.id, attempt: 1, at: T0 + 3 }]);
      await store.insertJob(jobRecord({ name: 'last' }));
      await follower.hears('job', 'last');
      expect(names(follower.changes)).toStrictEqual([...Array.from({ length: 4 }, () => `run ${run.id}`), 'job last']);
    });

    it('tells of what is deleted: jobs by their name, runs by their id', async () => {
      const { store, second } = feeds.db;
      const job = jobRecord({ name: 'gone' });
      const runs = [1, 2, 3].map((n) =>
        runRecord({ jobUid: job.uid, jobName: 'gone', status: 'completed', scheduledAt: T0 + n, endedAt: T0 + n }),
      );
      await store.insertJob(job);
      await store.insertRuns(runs);
      const follower = await feeds.follow();
      expect(await second.deleteJob({ name: 'gone', uid: job.uid, revision: 1 })).toBe('deleted');
      await second.forgetDeletion(job.uid);
      await store.insertJob(jobRecord({ name: 'gone' }));
      const pruning = { jobUid: job.uid, jobName: 'gone', keep: 1, endedBefore: T0 + 9, keepLast: true };
      expect(await store.pruneRuns([pruning], 10)).toBe(2);
      await follower.until(() => follower.changes.length >= 4);
      const [first, again, ...pruned] = names(follower.changes);
      expect([first, again]).toStrictEqual(['-job gone', 'job gone']);
      expect(pruned.toSorted()).toStrictEqual(runs.slice(0, 2).map(({ id }) => `-run ${id}`));
    });

    it('keeps the order of the writes in large batches, with cursors that sort like it', async () => {
      const { store } = feeds.db;
      const follower = await feeds.follow();
      const runs = Array.from({ length: 2_500 }, () => runRecord());
      for (let start = 0; start < runs.length; start += 500) await store.insertRuns(runs.slice(start, start + 500));
      await follower.until(() => follower.changes.length >= runs.length);
      expect(follower.changes.map(({ id }) => id)).toStrictEqual(runs.map(({ id }) => id));
      const cursors = follower.changes.map(({ cursor }) => cursor);
      expect(cursors.toSorted()).toStrictEqual(cursors);
      expect(new Set(cursors).size).toBe(runs.length);
      for (const { changes, cursor } of follower.batches) expect(cursor >= (changes.at(-1)?.cursor ?? '')).toBe(true);
    });

    it('tells many followers the same, with the same cursors', async () => {
      const { store, second } = feeds.db;
      const followers = await Promise.all(
        [store, second, store, second, store].map((by) => feeds.follow(undefined, by)),
      );
      for (const name of ['a', 'b', 'c']) await store.insertJob(jobRecord({ name }));
      await Promise.all(followers.map((follower) => follower.hears('job', 'c')));
      for (const follower of followers) expect(follower.changes).toStrictEqual(followers[0]?.changes);
    });

    it('ends by its signal, at once and before it begins, and leaves the others alone', async () => {
      const { store } = feeds.db;
      const [one, other] = [await feeds.follow(), await feeds.follow()];
      await one.stop();
      const seen = one.batches.length;
      await store.insertJob(jobRecord({ name: 'later' }));
      await other.hears('job', 'later');
      expect(one.batches).toHaveLength(seen);
      const never = store.changes.follow(undefined, AbortSignal.abort());
      for await (const batch of never) expect(batch).toBeUndefined();
    });
  });
}
