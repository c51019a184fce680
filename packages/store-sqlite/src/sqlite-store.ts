import { existsSync } from 'node:fs';
import { type ChangeSource, type Log, type Store, StoreUnavailableError } from '@simple-scheduler/engine';
import { changeFeed } from './changes.ts';
import type { Database } from './database.ts';
import { deletionMethods } from './deletions.ts';
import { historyMethods } from './history.ts';
import { jobMethods } from './jobs.ts';
import { leaseMethods } from './leases.ts';
import { managerMethods } from './managers.ts';
import { migrate } from './migrate.ts';
import { placeMethods } from './places.ts';
import { requestMethods } from './requests.ts';
import { runMethods } from './runs.ts';
import { inTurns } from './turns.ts';

interface Options {
  readonly now: () => number;
  readonly log?: Log | undefined;
}

/** The ports on one connection. */
export function sqliteStore(db: Database, options: Options): Store & ChangeSource {
  return { ...storeOn(db, options), changes: changeFeed(db) };
}

function storeOn(db: Database, options: Options): Store {
  return inTurns<Store>({
    ...managerMethods(db, options.now),
    ...jobMethods(db),
    ...deletionMethods(db, options.now),
    ...leaseMethods(db),
    ...runMethods(db),
    ...placeMethods(db),
    ...historyMethods(db),
    ...requestMethods(db),
    async migrate() {
      migrate(db, options);
    },
    async ping() {
      // SQLite goes on writing to a file that someone has removed, and all of it is lost.
      if (db.path !== ':memory:' && !existsSync(db.path))
        throw new StoreUnavailableError(`SQLite store ${db.path}: the file is gone`);
      // Takes the write lock and gives it back: a database that can only be read does not pass.
      db.write(() => db.get('SELECT 1'));
    },
    async close() {
      db.close();
    },
  });
}
