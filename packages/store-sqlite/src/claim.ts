import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SchedulerError } from '@simple-scheduler/engine';
import { isBusy, storeError } from './errors.ts';
import { createPrivately } from './private-file.ts';

/** Held until it is released, or until the process ends, however it does. */
export interface Claim {
  /** Safe twice. */
  release(): void;
}

/**
 * Claims the database at `path` for this process. Claims keep each other out, and nobody else: the database may be read,
 * backed up and written as ever. Throws an error that is not `retryable` where another process has it; it says so.
 *
 * The claim is a lock on a file of its own beside the database, which SQLite takes from the operating system: it goes
 * with the process that has it, even a killed one, and is no file to be cleaned up by hand.
 */
export function claimSqliteFile(path: string): Claim {
  if (path === ':memory:') return { release: () => {} };
  const database = resolve(path);
  const file = `${database}.claim`;
  createPrivately(file);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    throw isBusy(error) ? takenError(database, error) : storeError(error, file);
  }
  const held = db;
  return {
    release: () => {
      if (held.isOpen) held.close();
    },
  };
}

function takenError(database: string, cause: unknown): SchedulerError {
  return new SchedulerError(`another process works on the data in ${database}`, {
    code: 'conflict',
    retryable: false,
    cause,
  });
}
