import type { Db } from 'mongodb';
import { JOB_INDEX, RUN_INDEX } from '../index-names.ts';
import type { Migration } from './migration.ts';

const present = { $exists: true };

/** The collections and their indexes; `index-names.ts` says what each is for. */
export const indexes: Migration = {
  number: 1,
  name: 'indexes',
  async up(db: Db) {
    await db.collection('jobs').createIndexes([
      { name: JOB_INDEX.name, key: { name: 1 }, unique: true, partialFilterExpression: { name: present } },
      { name: JOB_INDEX.enabledName, key: { enabled: 1, name: 1 }, partialFilterExpression: { name: present } },
      { name: 'labels_name', key: { labels: 1, name: 1 }, partialFilterExpression: { labels: present } },
      {
        name: JOB_INDEX.free,
        key: { nextRunAt: 1 },
        partialFilterExpression: { enabled: true, managerId: null, nextRunAt: present },
      },
      {
        name: JOB_INDEX.held,
        key: { managerId: 1, name: 1, updatedAt: 1 },
        partialFilterExpression: { managerId: present },
      },
      { name: JOB_INDEX.deletedAt, key: { deletedAt: 1 }, partialFilterExpression: { deletedAt: present } },
    ]);
    await db.collection('runs').createIndexes([
      { name: RUN_INDEX.tickKey, key: { tickKey: 1 }, unique: true, partialFilterExpression: { tickKey: present } },
      { name: RUN_INDEX.slot, key: { slot: 1 }, unique: true, partialFilterExpression: { slot: present } },
      { name: RUN_INDEX.watchAt, key: { watchAt: 1 }, partialFilterExpression: { watchAt: present } },
      { name: RUN_INDEX.live, key: { jobUid: 1, _id: 1 }, partialFilterExpression: { phase: 'live' } },
      { name: RUN_INDEX.phaseId, key: { phase: 1, _id: -1 } },
      { name: RUN_INDEX.jobNamePhaseId, key: { jobName: 1, phase: 1, _id: -1 } },
    ]);
  },
};
