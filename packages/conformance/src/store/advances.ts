import type { HeldJob, JobRecord } from '@simple-scheduler/core';
import type { JobAdvance } from '@simple-scheduler/engine';
import { describe, expect, it } from 'vitest';
import { countOf, type Db, race } from './harness.ts';
import { fullJobRecord, jobRecord, newUid, T0, without } from './records.ts';

interface Held {
  readonly job: JobRecord;
  readonly advance: JobAdvance;
}

export function advanceTests(db: Db): void {
  /** Inserts these jobs and has a manager take them; with the advance that each one's holder would make. */
  const hold = async (managerId: string, jobs: readonly JobRecord[]): Promise<Held[]> => {
    for (const job of jobs) await db.store.insertJob(job);
    const held = new Map(
      (await db.store.takeFreeJobs(managerId, jobs.length)).map((h): [string, HeldJob] => [h.name, h]),
    );
    return jobs.map((job) => {
      const { leaseToken, nextRunAt } = held.get(job.name) as HeldJob;
      const { name, uid, epoch } = job;
      return {
        job: { ...job, managerId, leaseToken },
        advance: { name, uid, epoch, managerId, leaseToken, from: nextRunAt, to: nextRunAt + 60_000 },
      };
    });
  };
  const holdOne = async (managerId: string, job: JobRecord): Promise<Held> => (await hold(managerId, [job]))[0] as Held;

  describe('advancing jobs', () => {
    it('moves the next tick on and changes nothing else', async () => {
      const { job, advance } = await holdOne(newUid(), fullJobRecord({ epoch: 2 }));
      expect(await db.store.advanceJobs([advance])).toStrictEqual(['advanced']);
      expect(await db.second.getJob(job.name)).toStrictEqual({ ...job, nextRunAt: advance.to });
    });

    it('sets completedAt where it is given', async () => {
      const { job, advance } = await holdOne(newUid(), jobRecord());
      expect(await db.store.advanceJobs([{ ...advance, completedAt: T0 + 3 }])).toStrictEqual(['advanced']);
      expect(await db.second.getJob(job.name)).toStrictEqual({ ...job, nextRunAt: advance.to, completedAt: T0 + 3 });
    });

    it('frees a job with no tick left, in the same write', async () => {
      const manager = newUid();
      const { job, advance } = await holdOne(manager, jobRecord({ leaseToken: 4 }));
      expect(await db.store.advanceJobs([{ ...advance, to: null, completedAt: T0 + 3 }])).toStrictEqual(['advanced']);
      expect(await db.second.getJob(job.name)).toStrictEqual({
        ...without(job, 'nextRunAt', 'managerId'),
        completedAt: T0 + 3,
      });
      expect(await db.store.heldJobs(manager, { limit: 5 })).toStrictEqual([]);
      expect(await db.store.countTakeable()).toStrictEqual({ total: 0, free: 0 });
      expect(await db.store.takeFreeJobs(newUid(), 5)).toStrictEqual([]);
    });

    it.each<[string, Partial<JobAdvance>]>([
      ['another job', { name: 'nobody' }],
      ['an earlier job of the name', { uid: newUid() }],
      ['an older epoch', { epoch: 1 }],
      ['a newer epoch', { epoch: 3 }],
      ['another manager', { managerId: newUid() }],
      ['an older lease', { leaseToken: 8 }],
      ['a newer lease', { leaseToken: 10 }],
      ['an earlier tick', { from: T0 }],
      ['a later tick', { from: T0 + 60_001 }],
    ])('changes nothing under a guard of %s', async (_title, wrong) => {
      const { job, advance } = await holdOne(newUid(), jobRecord({ epoch: 2, leaseToken: 8 }));
      expect(await db.store.advanceJobs([{ ...advance, ...wrong }])).toStrictEqual(['fenced']);
      expect(await db.store.advanceJobs([{ ...advance, ...wrong, to: null, completedAt: T0 }])).toStrictEqual([
        'fenced',
      ]);
      expect(await db.store.getJob(job.name)).toStrictEqual(job);
    });

    it('fences a holder whose job was freed, and one whose job was taken by another', async () => {
      const [old, next] = [newUid(), newUid()];
      const { job, advance } = await holdOne(old, jobRecord());
      await db.second.releaseJobsOf([old], 1_000);
      expect(await db.store.advanceJobs([advance])).toStrictEqual(['fenced']);
      expect(await db.store.getJob(job.name)).toStrictEqual(without(job, 'managerId'));
      await db.second.takeFreeJobs(next, 1);
      const taken = { ...job, managerId: next, leaseToken: job.leaseToken + 1 };
      expect(await db.store.advanceJobs([advance])).toStrictEqual(['fenced']);
      expect(await db.store.releaseJobs(old, [{ name: job.name, leaseToken: job.leaseToken }])).toBe(0);
      expect(await db.store.getJob(job.name)).toStrictEqual(taken);
    });

    it('fences the older lease of a manager that lost a job and took it again', async () => {
      const manager = newUid();
      const { job, advance } = await holdOne(manager, jobRecord());
      await db.second.releaseJobsOf([manager], 1_000);
      const [again] = await db.second.takeFreeJobs(manager, 1);
      expect(await db.store.advanceJobs([advance])).toStrictEqual(['fenced']);
      expect(await db.store.releaseJobs(manager, [{ name: job.name, leaseToken: advance.leaseToken }])).toBe(0);
      expect(await db.store.getJob(job.name)).toStrictEqual({ ...job, leaseToken: again?.leaseToken });
    });

    it('fences an advance that was made already', async () => {
      const { job, advance } = await holdOne(newUid(), jobRecord());
      expect(await db.store.advanceJobs([advance])).toStrictEqual(['advanced']);
      expect(await db.store.advanceJobs([advance])).toStrictEqual(['fenced']);
      expect((await db.store.getJob(job.name))?.nextRunAt).toBe(advance.to);
    });

    it('answers a batch in the order it was asked', async () => {
      const held = await hold(
        newUid(),
        Array.from({ length: 300 }, (_, i) => jobRecord({ nextRunAt: T0 + i })),
      );
      const asked = held.map(({ advance }, i) => {
        const to = i % 5 === 0 ? null : advance.from + 1_000;
        return i % 3 === 0 ? { ...advance, to, leaseToken: advance.leaseToken + 1 } : { ...advance, to };
      });
      expect(await db.store.advanceJobs(asked)).toStrictEqual(
        asked.map((_, i) => (i % 3 === 0 ? 'fenced' : 'advanced')),
      );
      const after = new Map((await db.store.getJobs(asked.map((a) => a.name))).map((job) => [job.name, job]));
      for (const [i, { job }] of held.entries()) {
        const expected =
          i % 3 === 0
            ? job
            : i % 5 === 0
              ? without(job, 'nextRunAt', 'managerId')
              : { ...job, nextRunAt: T0 + i + 1_000 };
        expect(after.get(job.name)).toStrictEqual(expected);
      }
    });

    it('holds each job of a batch against its own epoch, lease and tick, though another’s would do', async () => {
      const held = await hold(
        newUid(),
        Array.from({ length: 150 }, (_, i) =>
          jobRecord({ nextRunAt: T0 + i, epoch: i % 7, leaseToken: Math.floor(i / 10) }),
        ),
      );
      const asked = held.map(({ advance }, i): JobAdvance => {
        const next = (held[(i + 11) % held.length] as Held).advance;
        const own = { ...advance, to: advance.from + 1_000 * (1 + (i % 4)) };
        if (i % 6 === 1) return { ...own, from: next.from };
        if (i % 6 === 2) return { ...own, epoch: next.epoch };
        if (i % 6 === 3) return { ...own, leaseToken: next.leaseToken };
        return i % 6 === 4 ? { ...own, completedAt: T0 + 3 } : own;
      });
      const expected = asked.map((_, i) => (i % 6 > 0 && i % 6 < 4 ? 'fenced' : 'advanced'));
      expect(await db.store.advanceJobs(asked)).toStrictEqual(expected);
      const after = new Map((await db.store.getJobs(asked.map((a) => a.name))).map((job) => [job.name, job]));
      for (const [i, { job }] of held.entries()) {
        const { to, completedAt } = asked[i] as JobAdvance;
        const moved = { ...job, nextRunAt: to, ...(completedAt === undefined ? {} : { completedAt }) };
        expect(after.get(job.name)).toStrictEqual(expected[i] === 'fenced' ? job : moved);
      }
    });

    it('makes two advances of a job one after the other, whatever else each of them changes', async () => {
      const [other, twice] = (await hold(newUid(), [jobRecord(), jobRecord()])) as [Held, Held];
      const again = ({ advance }: Held): JobAdvance => ({ ...advance, from: advance.from + 60_000, to: T0 + 120_000 });
      const batch = [other.advance, again(other), { ...twice.advance, completedAt: T0 + 3 }, again(twice)];
      expect(await db.store.advanceJobs(batch)).toStrictEqual(batch.map(() => 'advanced'));
    });

    it('lets one of many advances of the same tick through', async () => {
      const { job, advance } = await holdOne(newUid(), jobRecord());
      const outcomes = (
        await race(db, 20, (store, i) => store.advanceJobs([{ ...advance, to: advance.from + 1 + i }]))
      ).flat();
      expect(countOf(outcomes, 'advanced')).toBe(1);
      expect(countOf(outcomes, 'fenced')).toBe(19);
      expect((await db.store.getJob(job.name))?.nextRunAt).toBe(advance.from + 1 + outcomes.indexOf('advanced'));
    });
  });
}
