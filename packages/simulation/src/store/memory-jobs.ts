import type { JobRecord } from '@simple-scheduler/core';
import type { JobEdit, JobPage, JobQuery, JobStore, Store } from '@simple-scheduler/engine';
import type { MemoryDatabase } from './memory-database.ts';
import { copyOf } from './copy-of.ts';

export const jobsByName = ({ jobs }: MemoryDatabase): JobRecord[] =>
  [...jobs.values()].sort((a, b) => (a.name < b.name ? -1 : 1));

export function jobStore(db: MemoryDatabase): JobStore {
  const { jobs, deletions } = db;
  return {
    insertJob: async (job) => {
      if (jobs.has(job.name)) return 'name_taken';
      jobs.set(job.name, copyOf(job));
      return 'inserted';
    },
    getJob: async (name) => copyOf(jobs.get(name)) ?? null,
    getJobs: async (names) =>
      [...new Set(names)].flatMap((name) => (jobs.has(name) ? [copyOf(jobs.get(name) as JobRecord)] : [])),
    listJobs: async (query) => listJobs(jobsByName(db), query),
    editJob: async (edit) => editJob(jobs, edit),
    deleteJob: async ({ name, uid, revision }) => {
      const job = jobs.get(name);
      if (job === undefined) return 'not_found';
      if (job.uid !== uid || job.revision !== revision) return 'conflict';
      jobs.delete(name);
      deletions.set(uid, { uid, job, deletedAt: db.now() });
      return 'deleted';
    },
    listDeletions: async (limit) =>
      copyOf([...deletions.values()].sort((a, b) => a.deletedAt - b.deletedAt).slice(0, limit)),
    forgetDeletion: async (uid) => void deletions.delete(uid),
  };
}

function listJobs(sorted: readonly JobRecord[], query: JobQuery): JobPage {
  const matching = sorted.filter(
    (job) =>
      (query.after === undefined || job.name > query.after) &&
      (query.name === undefined || job.name === query.name) &&
      (query.namePrefix === undefined || job.name.startsWith(query.namePrefix)) &&
      (query.enabled === undefined || job.enabled === query.enabled) &&
      Object.entries(query.meta ?? {}).every(
        ([key, value]) => job.meta !== undefined && Object.hasOwn(job.meta, key) && job.meta[key] === value,
      ),
  );
  const page = matching.slice(0, query.limit);
  const last = page.at(-1);
  return { jobs: copyOf(page), ...(matching.length > page.length && last ? { next: last.name } : {}) };
}

function editJob(jobs: Map<string, JobRecord>, edit: JobEdit): Awaited<ReturnType<Store['editJob']>> {
  const job = jobs.get(edit.name);
  if (job === undefined) return { outcome: 'not_found' };
  const { uid, revision, nextRunAt } = edit.guard;
  if (job.uid !== uid || job.revision !== revision || job.nextRunAt !== nextRunAt) return { outcome: 'conflict' };
  const after: Record<string, unknown> = { ...job, ...copyOf(edit.set), revision: job.revision + 1 };
  for (const field of edit.unset) delete after[field];
  if (edit.free) delete after['managerId'];
  const record = after as unknown as JobRecord;
  jobs.set(edit.name, record);
  return { outcome: 'updated', job: copyOf(record) };
}
