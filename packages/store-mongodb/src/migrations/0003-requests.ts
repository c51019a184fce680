import type { Db } from 'mongodb';
import { REQUEST_INDEX } from '../index-names.ts';
import type { Migration } from './migration.ts';

/** Requests under an idempotency key. */
export const requests: Migration = {
  number: 3,
  name: 'requests',
  async up(db: Db) {
    await db.collection('requests').createIndexes([
      { name: REQUEST_INDEX.createdAt, key: { createdAt: 1 } },
      { name: REQUEST_INDEX.open, key: { open: 1, _id: 1 }, partialFilterExpression: { open: true } },
    ]);
  },
};
