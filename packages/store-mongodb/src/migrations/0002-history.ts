import type { Db } from 'mongodb';
import { RUN_INDEX } from '../index-names.ts';
import type { Migration } from './migration.ts';

/** What a job's past is read and pruned by. */
export const history: Migration = {
  number: 2,
  name: 'history',
  async up(db: Db) {
    await db
      .collection('runs')
      .createIndex({ jobUid: 1, scheduledAt: 1, _id: 1 }, { name: RUN_INDEX.jobUidScheduledAt });
  },
};
