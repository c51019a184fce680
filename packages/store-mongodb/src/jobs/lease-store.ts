import type { HeldJob } from '@simple-scheduler/core';
import type { ChangedJob, LeaseStore } from '@simple-scheduler/engine';
import type { Document } from 'mongodb';
import { type Database, inOneBatch } from '../database.ts';
import { text } from '../documents/values.ts';
import { JOB_INDEX } from '../index-names.ts';
import { advanceJobs } from './advance-jobs.ts';
import { decodeHeld, FREE, HELD_FIELDS, takeFreeJobs } from './take-free-jobs.ts';

const HELD = { managerId: { $gt: '' } };
const UNHOLD = { $unset: { managerId: '' as const } };

export function leaseStore(database: Database): LeaseStore {
  const { connection } = database;
  return {
    takeFreeJobs: (managerId, limit) => connection.call((call) => takeFreeJobs(database, call, managerId, limit)),
    advanceJobs: (advances) => connection.call(() => advanceJobs(database, advances)),
    ...heldJobReads(database),
    ...releases(database),
  };
}

function heldJobReads({
  connection,
  jobs,
}: Database): Pick<LeaseStore, 'heldJobs' | 'changedJobs' | 'countTakeable' | 'anyFree'> {
  const { limits } = connection;
  return {
    heldJobs: (managerId, { after, limit }) =>
      connection.call(async (): Promise<HeldJob[]> => {
        if (limit <= 0) return [];
        const filter: Document = {
          managerId: text.encode(managerId),
          enabled: true,
          nextRunAt: { $exists: true },
          ...(after === undefined ? {} : { name: { $gt: text.encode(after) } }),
        };
        const found = await jobs
          .find(filter, {
            ...limits,
            ...inOneBatch(limit),
            hint: JOB_INDEX.held,
            sort: { name: 1 },
            projection: HELD_FIELDS,
          })
          .toArray();
        return found.map(decodeHeld);
      }),

    changedJobs: (managerId, { since, after, limit }) =>
      connection.call(async (): Promise<ChangedJob[]> => {
        if (limit <= 0) return [];
        const held: Document = { managerId: text.encode(managerId), enabled: true, nextRunAt: { $exists: true } };
        const at = new Date(since);
        const filter: Document =
          after === undefined
            ? { ...held, updatedAt: { $gte: at } }
            : {
                $or: [
                  { ...held, updatedAt: at, name: { $gt: text.encode(after) } },
                  { ...held, updatedAt: { $gt: at } },
                ],
              };
        const found = await jobs
          .find(filter, {
            ...limits,
            ...inOneBatch(limit),
            hint: JOB_INDEX.changed,
            sort: { updatedAt: 1, name: 1 },
            projection: { ...HELD_FIELDS, updatedAt: 1 },
          })
          .toArray();
        return found.map((job) => ({ ...decodeHeld(job), updatedAt: (job['updatedAt'] as Date).getTime() }));
      }),

    anyFree: () =>
      connection.call(async () => {
        const found = await jobs.findOne(FREE, { ...limits, hint: JOB_INDEX.free, projection: { _id: 1 } });
        return found !== null;
      }),

    countTakeable: () =>
      connection.call(async () => {
        const [free, held] = await Promise.all([
          jobs.countDocuments(FREE, { ...limits, hint: JOB_INDEX.free }),
          jobs.countDocuments(HELD, { ...limits, hint: JOB_INDEX.held }),
        ]);
        return { total: free + held, free };
      }),
  };
}

function releases({
  connection,
  jobs,
  managers,
}: Database): Pick<LeaseStore, 'releaseJobs' | 'releaseJobsOf' | 'releaseOrphans'> {
  const { limits } = connection;
  const heldInOrder = { ...limits, hint: JOB_INDEX.held };
  /** An update has no limit of its own: the first name that is to stay is looked for before. */
  const releaseFirst = async (managerId: unknown, limit: number): Promise<number> => {
    const ofManager: Document = { managerId };
    const staying = await jobs.findOne(ofManager, {
      ...heldInOrder,
      sort: { name: 1 },
      skip: limit,
      projection: { _id: 0, name: 1 },
    });
    const filter = staying === null ? ofManager : { ...ofManager, name: { $lt: staying['name'] } };
    return (await jobs.updateMany(filter, UNHOLD, heldInOrder)).modifiedCount;
  };
  const releaseOf = async (managerIds: readonly unknown[], limit: number): Promise<number> => {
    let freed = 0;
    for (const id of managerIds) {
      if (freed >= limit) break;
      freed += await releaseFirst(id, limit - freed);
    }
    return freed;
  };
  return {
    releaseJobs: (managerId, released) =>
      connection.call(async () => {
        if (released.length === 0) return 0;
        const updates = [...Map.groupBy(released, (job) => job.leaseToken)].map(([leaseToken, group]) => ({
          updateMany: {
            filter: {
              name: { $in: group.map((job) => text.encode(job.name)) },
              managerId: text.encode(managerId),
              leaseToken,
            },
            update: UNHOLD,
            hint: JOB_INDEX.name,
          },
        }));
        return (await jobs.bulkWrite(updates, { ...limits, ordered: false })).modifiedCount;
      }),

    releaseJobsOf: (managerIds, limit) =>
      connection.call(() =>
        releaseOf(
          managerIds.map((id) => text.encode(id)),
          limit,
        ),
      ),

    releaseOrphans: (limit) =>
      connection.call(async () => {
        // Holders first: whoever is found among them was registered before, so a manager that is missing below is gone.
        const holders = await jobs.distinct('managerId', HELD, limits);
        if (holders.length === 0) return 0;
        const registered = await managers.find({ _id: { $gt: '' } }, { ...limits, projection: { _id: 1 } }).toArray();
        const known = new Set<unknown>(registered.map((manager) => manager._id));
        return releaseOf(
          holders.filter((holder) => !known.has(holder)),
          limit,
        );
      }),
  };
}
