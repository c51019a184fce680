import type { JobEdit, JobStore } from '@simple-scheduler/engine';
import type { Document } from 'mongodb';
import { isDuplicateKey } from '../connection/duplicate-key.ts';
import { type Database, inOneBatch } from '../database.ts';
import { decodeJob, encodeJob, encodeJobChange, readJob } from '../documents/job-document.ts';
import { packId, unpackId } from '../documents/packed-id.ts';
import { text } from '../documents/values.ts';
import { JOB_INDEX } from '../index-names.ts';
import { planJobQuery } from './job-filter.ts';

export function jobStore(database: Database): JobStore {
  return { ...jobReads(database), ...jobWrites(database), ...jobDeletions(database) };
}

function jobReads({ connection, jobs }: Database): Pick<JobStore, 'getJob' | 'getJobs' | 'listJobs'> {
  const { limitsOfRaw } = connection;
  return {
    getJob: (name) =>
      connection.call(async () => {
        const found = await jobs.findOne({ name: text.encode(name) }, limitsOfRaw);
        return found === null ? null : readJob(found);
      }),

    getJobs: (names) =>
      connection.call(async () => {
        if (names.length === 0) return [];
        const wanted = names.map((name) => text.encode(name));
        const found = jobs.find({ name: { $in: wanted } }, { ...limitsOfRaw, ...inOneBatch(names.length) });
        return (await found.toArray()).map(readJob);
      }),

    listJobs: (query) =>
      connection.call(async () => {
        const plan = query.limit > 0 ? planJobQuery(query) : null;
        if (plan === null) return { jobs: [] };
        const found = await jobs
          .find(plan.filter, { ...limitsOfRaw, ...inOneBatch(query.limit + 1), hint: plan.hint, sort: { name: 1 } })
          .toArray();
        const page = found.slice(0, query.limit).map(readJob);
        const last = page.at(-1);
        return { jobs: page, ...(found.length > page.length && last ? { next: last.name } : {}) };
      }),
  };
}

function jobWrites({ connection, jobs }: Database): Pick<JobStore, 'insertJob' | 'editJob'> {
  const { limits } = connection;
  return {
    insertJob: (job) =>
      connection.call(async () => {
        try {
          await jobs.insertOne(encodeJob(job), limits);
          return 'inserted';
        } catch (error) {
          if (isDuplicateKey(error)) return 'name_taken';
          throw error;
        }
      }),

    editJob: (edit) =>
      connection.call(async () => {
        const name = text.encode(edit.name);
        const { uid, revision, nextRunAt } = edit.guard;
        const guard = {
          _id: packId(uid),
          name,
          revision,
          nextRunAt: nextRunAt === undefined ? { $exists: false } : new Date(nextRunAt),
        };
        const edited = await jobs.findOneAndUpdate(guard, editUpdate(edit), { ...limits, returnDocument: 'after' });
        if (edited !== null) return { outcome: 'updated', job: decodeJob(edited) };
        const present = await jobs.findOne({ name }, { ...limits, projection: { _id: 1 } });
        return { outcome: present === null ? 'not_found' : 'conflict' };
      }),
  };
}

function editUpdate({ set, unset, free }: JobEdit): Document {
  const { $set, $unset } = encodeJobChange(set, unset);
  // What can't be held is not held: no edit leaves a manager on a job that takeFreeJobs would not give it.
  const frees = free || set.enabled === false || unset.includes('nextRunAt');
  const cleared = frees ? { ...$unset, managerId: '' } : $unset;
  return { $set, $unset: cleared, $inc: { revision: 1 } };
}

function jobDeletions({
  connection,
  jobs,
  deletions,
}: Database): Pick<JobStore, 'deleteJob' | 'listDeletions' | 'forgetDeletion'> {
  const { limits } = connection;
  return {
    deleteJob: (guard) =>
      connection.call(async () => {
        const name = text.encode(guard.name);
        // One write: the job turns into its tombstone, which no query for jobs finds and whose name is free again.
        const entomb = [{ $replaceWith: { _id: '$_id', deletedAt: '$$NOW', job: '$$ROOT' } }];
        const { matchedCount } = await jobs.updateOne(
          { _id: packId(guard.uid), name, revision: guard.revision },
          entomb,
          limits,
        );
        if (matchedCount > 0) return 'deleted';
        const present = await jobs.findOne({ name }, { ...limits, projection: { _id: 1 } });
        return present === null ? 'not_found' : 'conflict';
      }),

    listDeletions: (limit) =>
      connection.call(async () => {
        if (limit <= 0) return [];
        const found = await deletions
          .find(
            { deletedAt: { $exists: true } },
            { ...limits, ...inOneBatch(limit), hint: JOB_INDEX.deletedAt, sort: { deletedAt: 1 } },
          )
          .toArray();
        return found.map(({ _id, deletedAt, job }) => ({
          uid: unpackId(_id),
          job: decodeJob(job),
          deletedAt: deletedAt.getTime(),
        }));
      }),

    forgetDeletion: (uid) =>
      connection.call(async () => {
        await deletions.deleteOne({ _id: packId(uid), deletedAt: { $exists: true } }, limits);
      }),
  };
}
