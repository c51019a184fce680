import type { Collection } from 'mongodb';
import type { Connection } from './connection/connection.ts';
import type { DeletionDocument, JobDocument } from './documents/job-document.ts';
import type { ManagerDocument } from './documents/manager-document.ts';
import type { RequestDocument } from './documents/request-document.ts';
import type { RunDocument } from './documents/run-document.ts';

/** What the parts of the store work on. */
export interface Database {
  readonly connection: Connection;
  readonly managers: Collection<ManagerDocument>;
  readonly jobs: Collection<JobDocument>;
  /** The tombstones among the jobs. */
  readonly deletions: Collection<DeletionDocument>;
  readonly runs: Collection<RunDocument>;
  readonly requests: Collection<RequestDocument>;
}

export function databaseOn(connection: Connection): Database {
  const { db } = connection;
  return {
    connection,
    managers: db.collection('managers'),
    jobs: db.collection('jobs'),
    deletions: db.collection('jobs'),
    runs: db.collection('runs'),
    requests: db.collection('requests'),
  };
}

/** Lets a page of up to `limit` documents come with the first answer. */
export function inOneBatch(limit: number): { readonly limit: number; readonly batchSize: number } {
  return { limit, batchSize: limit + 1 };
}
