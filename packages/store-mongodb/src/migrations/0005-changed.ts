import type { Db } from 'mongodb';
import { JOB_INDEX } from '../index-names.ts';
import type { Migration } from './migration.ts';

/** What a scheduler looks for changes in: the jobs it holds, by their last edit. */
export const changed: Migration = {
  number: 5,
  name: 'changed',
  async up(db: Db) {
    await db
      .collection('jobs')
      .createIndex(
        { managerId: 1, updatedAt: 1, name: 1 },
        { name: JOB_INDEX.changed, partialFilterExpression: { managerId: { $exists: true } } },
      );
  },
};
