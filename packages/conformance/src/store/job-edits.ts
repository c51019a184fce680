import type { JobEditable, JobOptional, JobRecord } from '@simple-scheduler/core';
import type { JobEdit } from '@simple-scheduler/engine';
import { describe, expect, it } from 'vitest';
import { countOf, type Db, race } from './harness.ts';
import { fullJobRecord, jobRecord, newUid, T0, without } from './records.ts';

/** An edit of this record, as someone who has just read it would ask for it. */
export function editOf(job: JobRecord, change: Partial<Pick<JobEdit, 'set' | 'unset' | 'free'>>): JobEdit {
  return {
    name: job.name,
    guard: { uid: job.uid, revision: job.revision, nextRunAt: job.nextRunAt },
    set: {},
    unset: [],
    free: false,
    ...change,
  };
}

export function jobEditTests(db: Db): void {
  const inserted = async (job: JobRecord): Promise<JobRecord> => {
    await db.store.insertJob(job);
    return job;
  };

  describe('edits of jobs', () => {
    it('sets fields, adds 1 to the revision and answers the record after the change', async () => {
      const job = await inserted(fullJobRecord());
      const set: Required<JobEditable> = {
        description: 'new',
        enabled: false,
        intervalMs: 5,
        anchorAt: T0 + 1,
        cron: '* * * * *',
        timezone: 'Europe/Berlin',
        nextRunAt: T0 + 77,
        epoch: 4,
        completedAt: T0 + 8,
        updatedAt: T0 + 9,
        misfirePolicy: 'skip',
        misfireLimit: 1,
        misfireGraceMs: 2,
        runStartTimeoutMs: 3,
        runExecutionTimeoutMs: 4,
        cancelTimeoutMs: 5,
        heartbeatTimeoutMs: 6,
        allowConcurrentRuns: true,
        maxQueueCount: 7,
        maxRetries: 8,
        retryBackoff: 'fixed',
        retryDelayMs: 9,
        retryMaxDelayMs: 10,
        maxRestarts: 11,
        jitterMs: 12,
        startAt: T0 + 13,
        endAt: T0 + 14,
        retentionCount: 15,
        retentionAgeMs: 16,
        owedFrom: T0 + 17,
        payload: [1],
        meta: { only: 'this' },
        workQueue: 'other',
      };
      const answer = await db.store.editJob(editOf(job, { set }));
      const expected = { ...job, ...set, revision: job.revision + 1 };
      expect(answer).toStrictEqual({ outcome: 'updated', job: expected });
      expect(await db.second.getJob(job.name)).toStrictEqual(expected);
    });

    it('unsets fields: absent is absent, in the answer and in the store', async () => {
      const job = await inserted(fullJobRecord());
      const optional: Readonly<Record<JobOptional, true>> = {
        description: true,
        intervalMs: true,
        anchorAt: true,
        retentionCount: true,
        retentionAgeMs: true,
        owedFrom: true,
        cron: true,
        nextRunAt: true,
        payload: true,
        meta: true,
        workQueue: true,
        completedAt: true,
        maxRetries: true,
        retryBackoff: true,
        retryDelayMs: true,
        retryMaxDelayMs: true,
        maxRestarts: true,
        startAt: true,
        endAt: true,
        jitterMs: true,
      };
      const unset = Object.keys(optional) as JobOptional[];
      const answer = await db.store.editJob(editOf(job, { unset }));
      const expected = { ...without(job, ...unset), revision: job.revision + 1 };
      expect(answer).toStrictEqual({ outcome: 'updated', job: expected });
      expect(await db.second.getJob(job.name)).toStrictEqual(expected);
    });

    it('unsets what is absent already', async () => {
      const job = await inserted(without(jobRecord(), 'intervalMs', 'anchorAt'));
      const answer = await db.store.editJob(editOf(job, { unset: ['intervalMs', 'payload', 'meta', 'cron'] }));
      expect(answer).toStrictEqual({ outcome: 'updated', job: { ...job, revision: 2 } });
    });

    it('tells a payload of null from no payload', async () => {
      const job = await inserted(fullJobRecord());
      const answer = await db.store.editJob(editOf(job, { set: { payload: null } }));
      const expected = { ...job, payload: null, revision: job.revision + 1 };
      expect(answer).toStrictEqual({ outcome: 'updated', job: expected });
      expect(await db.second.getJob(job.name)).toStrictEqual(expected);
    });

    it('replaces labels and payload whole, and finds the job by its new labels only', async () => {
      const job = await inserted(jobRecord({ meta: { a: '1', b: '2' }, payload: { x: 1, y: 2 } }));
      await db.store.editJob(editOf(job, { set: { meta: { b: '3' }, payload: { y: 4 } } }));
      expect(await db.store.getJob(job.name)).toStrictEqual({
        ...job,
        revision: 2,
        meta: { b: '3' },
        payload: { y: 4 },
      });
      expect((await db.store.listJobs({ limit: 9, meta: { a: '1' } })).jobs).toStrictEqual([]);
      expect((await db.store.listJobs({ limit: 9, meta: { b: '3' } })).jobs).toHaveLength(1);
      await db.store.editJob(editOf({ ...job, revision: 2 }, { unset: ['meta'] }));
      expect((await db.store.listJobs({ limit: 9, meta: { b: '3' } })).jobs).toStrictEqual([]);
    });

    it.each([
      ['another uid', (job: JobRecord) => ({ uid: newUid(), revision: job.revision, nextRunAt: job.nextRunAt })],
      [
        'an older revision',
        (job: JobRecord) => ({ uid: job.uid, revision: job.revision - 1, nextRunAt: job.nextRunAt }),
      ],
      [
        'a newer revision',
        (job: JobRecord) => ({ uid: job.uid, revision: job.revision + 1, nextRunAt: job.nextRunAt }),
      ],
      ['another nextRunAt', (job: JobRecord) => ({ uid: job.uid, revision: job.revision, nextRunAt: T0 + 1 })],
      [
        'no nextRunAt where there is one',
        (job: JobRecord) => ({ uid: job.uid, revision: job.revision, nextRunAt: undefined }),
      ],
    ])('changes nothing under a guard with %s', async (_title, guardOf) => {
      const job = await inserted(fullJobRecord({ revision: 5 }));
      const edit = { ...editOf(job, { set: { enabled: false }, unset: ['payload'], free: true }), guard: guardOf(job) };
      expect(await db.store.editJob(edit)).toStrictEqual({ outcome: 'conflict' });
      expect(await db.store.getJob(job.name)).toStrictEqual(job);
    });

    it('holds a guard on an absent nextRunAt', async () => {
      const job = await inserted(without(jobRecord(), 'nextRunAt'));
      const wrong = { ...editOf(job, { set: { epoch: 9 } }), guard: { uid: job.uid, revision: 1, nextRunAt: T0 } };
      expect(await db.store.editJob(wrong)).toStrictEqual({ outcome: 'conflict' });
      const set = { nextRunAt: T0 + 5, epoch: 1 };
      expect(await db.store.editJob(editOf(job, { set }))).toStrictEqual({
        outcome: 'updated',
        job: { ...job, ...set, revision: 2 },
      });
    });

    it('answers not_found where no job has the name', async () => {
      expect(await db.store.editJob(editOf(jobRecord(), { set: { enabled: false } }))).toStrictEqual({
        outcome: 'not_found',
      });
    });

    it('takes the job from its holder with `free`, and keeps the lease token', async () => {
      const job = await inserted(jobRecord());
      const manager = newUid();
      const [held] = await db.store.takeFreeJobs(manager, 1);
      const answer = await db.second.editJob(editOf(job, { set: { enabled: false }, free: true }));
      expect(answer).toStrictEqual({
        outcome: 'updated',
        job: { ...job, enabled: false, leaseToken: held?.leaseToken, revision: 2 },
      });
      expect(await db.store.heldJobs(manager, { limit: 10 })).toStrictEqual([]);
    });

    it('leaves the job with its holder without `free`', async () => {
      const job = await inserted(jobRecord());
      const manager = newUid();
      const [held] = await db.store.takeFreeJobs(manager, 1);
      const answer = await db.second.editJob(editOf(job, { set: { nextRunAt: T0 + 9, updatedAt: T0 + 4 } }));
      expect(answer).toMatchObject({
        outcome: 'updated',
        job: { managerId: manager, leaseToken: held?.leaseToken, nextRunAt: T0 + 9 },
      });
      expect(await db.store.heldJobs(manager, { limit: 10 })).toStrictEqual([{ ...held, nextRunAt: T0 + 9 }]);
    });

    it('lets one of many edits of the same revision through', async () => {
      const job = await inserted(jobRecord());
      const answers = await race(db, 20, (store, i) => store.editJob(editOf(job, { set: { maxQueueCount: i } })));
      const outcomes = answers.map((a) => a.outcome);
      expect(countOf(outcomes, 'updated')).toBe(1);
      expect(countOf(outcomes, 'conflict')).toBe(19);
      const winner = outcomes.indexOf('updated');
      expect(await db.store.getJob(job.name)).toStrictEqual({ ...job, maxQueueCount: winner, revision: 2 });
    });

    it('lets an edit or an advance of the same tick through, never both', async () => {
      const manager = newUid();
      const jobs = await Promise.all(Array.from({ length: 20 }, () => inserted(jobRecord({ nextRunAt: T0 }))));
      const held = await db.store.takeFreeJobs(manager, 20);
      await Promise.all(
        jobs.map(async (job) => {
          const leaseToken = held.find((h) => h.name === job.name)?.leaseToken ?? -1;
          const { name, uid, epoch } = job;
          const [edit, [advance]] = await Promise.all([
            db.second.editJob(editOf(job, { set: { nextRunAt: T0 + 1, epoch: 1 } })),
            db.store.advanceJobs([{ name, uid, epoch, managerId: manager, leaseToken, from: T0, to: T0 + 2 }]),
          ]);
          const after = await db.store.getJob(name);
          if (edit.outcome === 'updated') expect([advance, after?.nextRunAt]).toStrictEqual(['fenced', T0 + 1]);
          else expect([edit.outcome, advance, after?.nextRunAt]).toStrictEqual(['conflict', 'advanced', T0 + 2]);
        }),
      );
    });
  });
}
