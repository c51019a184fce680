import type { HeldJob, JobRecord } from '@simple-scheduler/core';
import type { JobAdvance, LeaseStore } from '@simple-scheduler/engine';
import type { MemoryDatabase } from './memory-database.ts';
import { jobsByName } from './memory-jobs.ts';
import { copyOf } from './copy-of.ts';

const isTakeable = (job: JobRecord): boolean => job.enabled && job.nextRunAt !== undefined;

const held = (job: JobRecord): HeldJob => ({
  name: job.name,
  nextRunAt: job.nextRunAt as number,
  leaseToken: job.leaseToken,
});

export function leaseStore(db: MemoryDatabase): LeaseStore {
  const { jobs, managers } = db;
  const put = (job: JobRecord): void => void jobs.set(job.name, copyOf(job));
  const free = (job: JobRecord): void => {
    const { managerId: _, ...rest } = job;
    put(rest);
  };
  return {
    takeFreeJobs: async (managerId, limit) => {
      const candidates = jobsByName(db)
        .filter((job) => isTakeable(job) && job.managerId === undefined)
        .sort((a, b) => (a.nextRunAt as number) - (b.nextRunAt as number))
        .slice(0, limit);
      return candidates.map((job) => {
        const taken = { ...job, managerId, leaseToken: job.leaseToken + 1 };
        put(taken);
        return held(taken);
      });
    },
    heldJobs: async (managerId, { after, limit }) =>
      heldBy(managerId)
        .filter((job) => after === undefined || job.name > after)
        .slice(0, limit)
        .map(held),
    changedJobs: async (managerId, { since, after = '', limit }) =>
      heldBy(managerId)
        .filter((job) => job.updatedAt > since || (job.updatedAt === since && job.name > after))
        .sort((a, b) => a.updatedAt - b.updatedAt)
        .slice(0, limit)
        .map((job) => ({ ...held(job), updatedAt: job.updatedAt })),
    releaseJobs: async (managerId, list) => {
      let count = 0;
      for (const { name, leaseToken } of list) {
        const job = jobs.get(name);
        if (job?.managerId !== managerId || job.leaseToken !== leaseToken) continue;
        free(job);
        count += 1;
      }
      return count;
    },
    releaseJobsOf: async (managerIds, limit) => releaseWhere((id) => managerIds.includes(id), limit),
    releaseOrphans: async (limit) => releaseWhere((id) => !managers.has(id), limit),
    anyFree: async () => [...jobs.values()].some((job) => isTakeable(job) && job.managerId === undefined),
    countTakeable: async () => {
      const takeable = [...jobs.values()].filter(isTakeable);
      return { total: takeable.length, free: takeable.filter((job) => job.managerId === undefined).length };
    },
    advanceJobs: async (advances) => advances.map((advance) => advanceJob(db, advance)),
  };

  function heldBy(managerId: string): JobRecord[] {
    return jobsByName(db).filter((job) => job.managerId === managerId && isTakeable(job));
  }

  function releaseWhere(matches: (managerId: string) => boolean, limit: number): number {
    const found = [...jobs.values()].filter((job) => job.managerId !== undefined && matches(job.managerId));
    const released = found.slice(0, limit);
    released.forEach(free);
    return released.length;
  }
}

function advanceJob(db: MemoryDatabase, advance: JobAdvance): 'advanced' | 'fenced' {
  const job = db.jobs.get(advance.name);
  const holds =
    job !== undefined &&
    job.uid === advance.uid &&
    job.epoch === advance.epoch &&
    job.managerId === advance.managerId &&
    job.leaseToken === advance.leaseToken &&
    job.nextRunAt === advance.from;
  if (!holds) return 'fenced';
  db.observer.onAdvance?.(advance, job);
  const done = advance.completedAt === undefined ? {} : { completedAt: advance.completedAt };
  if (advance.to !== null) db.jobs.set(job.name, { ...job, ...done, nextRunAt: advance.to });
  else {
    const { nextRunAt: _, managerId: __, ...rest } = job;
    db.jobs.set(job.name, { ...rest, ...done });
  }
  return 'advanced';
}
