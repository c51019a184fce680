import type { Db } from 'mongodb';
import { RUN_INDEX } from '../index-names.ts';
import type { Migration } from './migration.ts';

/** What a job's oldest waiting run is found by. */
export const waiting: Migration = {
  number: 6,
  name: 'waiting',
  async up(db: Db) {
    await db
      .collection('runs')
      .createIndex({ jobUid: 1, _id: 1 }, { name: RUN_INDEX.waiting, partialFilterExpression: { waiting: true } });
  },
};
