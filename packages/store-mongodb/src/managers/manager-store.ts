import type { ManagerRecord } from '@simple-scheduler/core';
import type { ManagerStore } from '@simple-scheduler/engine';
import type { Document } from 'mongodb';
import { isDuplicateKey } from '../connection/duplicate-key.ts';
import type { Database } from '../database.ts';
import type { ManagerDocument } from '../documents/manager-document.ts';

/** All managers, said so that the index on `_id` serves it. */
const ALL = { _id: { $gt: '' } };

/** `$$NOW` is the clock of the primary: managers' own clocks play no part. */
export function managerStore({ connection, managers }: Database): ManagerStore {
  const { limits } = connection;

  const renew = async (manager: { id: string; startedAt: number; maxJobs: number }): Promise<ManagerDocument> => {
    const set = { startedAt: new Date(manager.startedAt), maxJobs: manager.maxJobs, heartbeatAt: '$$NOW' };
    const renewed = await managers.findOneAndUpdate({ _id: manager.id }, [{ $set: set }], {
      ...limits,
      upsert: true,
      returnDocument: 'after',
    });
    if (renewed === null) throw new Error('an upsert that returns the document after it returned none');
    return renewed;
  };

  return {
    renewManager: (manager) =>
      connection.call(async () => {
        // Two first renewals at once may both find nothing; who inserts second finds it when repeated.
        const renewed = await renew(manager).catch((error: unknown) => {
          if (isDuplicateKey(error)) return renew(manager);
          throw error;
        });
        return { heartbeatAt: renewed.heartbeatAt.getTime() };
      }),

    removeManager: (id) =>
      connection.call(async () => {
        await managers.deleteOne({ _id: id }, limits);
      }),

    listManagers: () =>
      connection.call(async () => {
        // A facet answers with one document, and so with the time, also where there are no managers.
        const [found] = await managers
          .aggregate<{ managers: ManagerDocument[]; now: Date }>(
            [{ $match: ALL }, { $facet: { managers: [] } }, { $set: { now: '$$NOW' } }],
            limits,
          )
          .toArray();
        if (found === undefined) throw new Error('a facet answered without a document');
        return { managers: found.managers.map(decodeManager), now: found.now.getTime() };
      }),

    removeSilentManagers: (timeoutMs) =>
      connection.call(async () => {
        const silent: Document = { $expr: { $lt: ['$heartbeatAt', { $subtract: ['$$NOW', timeoutMs] }] } };
        const candidates = await managers.find({ ...ALL, ...silent }, { ...limits, projection: { _id: 1 } }).toArray();
        // One by one: a manager that renews in between stays, and is not named.
        const removed = await Promise.all(
          candidates.map(async ({ _id }) => {
            const { deletedCount } = await managers.deleteOne({ _id, ...silent }, limits);
            return deletedCount > 0 ? [_id] : [];
          }),
        );
        return removed.flat();
      }),
  };
}

function decodeManager({ _id, startedAt, maxJobs, heartbeatAt }: ManagerDocument): ManagerRecord {
  return { id: _id, startedAt: startedAt.getTime(), maxJobs, heartbeatAt: heartbeatAt.getTime() };
}
