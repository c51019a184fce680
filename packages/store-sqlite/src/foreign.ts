import type { DatabaseSync } from 'node:sqlite';
import { SchedulerError } from '@simple-scheduler/engine';
import { MIGRATIONS } from './migrations/index.ts';

const TABLES = "SELECT count(*) AS count FROM sqlite_schema WHERE type = 'table'";
/** Other programs keep a table of this name too, with other columns. */
const OUR_COLUMNS = `SELECT count(*) AS count FROM pragma_table_info('migrations')
  WHERE name IN ('number', 'name', 'appliedAt')`;
const FIRST_MIGRATION = 'SELECT name FROM migrations WHERE number = 1';

/**
 * Throws, for good, where the file is a database of another program: our tables would be put among its own. Our own are
 * all made in the transaction of the first migration, so a database that has tables either has that one on record or is not ours.
 */
export function refuseForeign(db: DatabaseSync, path: string): void {
  if (countOf(db, TABLES) === 0 || isOurs(db)) return;
  throw new SchedulerError(
    `SQLite store ${path}: the file is a database of another program, and was left as it is. Name another file`,
    { code: 'internal', retryable: false },
  );
}

function isOurs(db: DatabaseSync): boolean {
  if (countOf(db, OUR_COLUMNS) !== 3) return false;
  return db.prepare(FIRST_MIGRATION).get()?.['name'] === MIGRATIONS[0]?.name;
}

function countOf(db: DatabaseSync, sql: string): number {
  return Number(db.prepare(sql).get()?.['count']);
}
