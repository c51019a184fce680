import type { Db } from 'mongodb';
import { JOB_INDEX, RUN_INDEX } from '../index-names.ts';
import type { Migration } from './migration.ts';

const INDEX_NOT_FOUND = 27;

/** Lists that had to look at thousands of records for a page. */
export const lists: Migration = {
  number: 4,
  name: 'lists',
  async up(db: Db) {
    const [jobs, runs] = [db.collection('jobs'), db.collection('runs')];
    await jobs.createIndex(
      { labels: 1, enabled: 1, name: 1 },
      { name: JOB_INDEX.labelsEnabledName, partialFilterExpression: { labels: { $exists: true } } },
    );
    await runs.createIndex(
      { status: 1, _id: -1 },
      { name: RUN_INDEX.cancellingId, partialFilterExpression: { status: 'cancelling' } },
    );
    // What the first of the two replaces.
    await jobs.dropIndex('labels_name').catch((error: { code?: unknown }) => {
      if (error.code !== INDEX_NOT_FOUND) throw error;
    });
  },
};
