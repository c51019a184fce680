import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeSource, Log, Store } from '@simple-scheduler/engine';
import { Database } from './database.ts';
import { isBusy, storeError } from './errors.ts';
import { refuseForeign } from './foreign.ts';
import { createPrivately } from './private-file.ts';
import { sqliteStore } from './sqlite-store.ts';

export interface SqliteStoreOptions {
  /** A file, or `:memory:`. */
  readonly path: string;
  readonly log?: Log;
  /** The database's clock, epoch ms. Default: the machine's. */
  readonly now?: () => number;
  /** How long a call waits for the lock of another process, ms. Default: 5,000. */
  readonly busyTimeoutMs?: number;
}

/**
 * Opens the database, making file and folder where they are missing. Rejects with `StoreUnavailableError` when that
 * cannot be done now, with another error when the file is no database of ours, which is left as it is. `migrate` comes next.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store & ChangeSource> {
  const { busyTimeoutMs = 5_000, now = Date.now, log } = options;
  const path = options.path === ':memory:' ? options.path : resolve(options.path);
  // SQLite gives its `-wal` and `-shm` files the mode of the database file, so this one decides for all three.
  if (path !== ':memory:') createPrivately(path);
  const database = new Database(await connect(path, busyTimeoutMs), path);
  return sqliteStore(database, { now, log });
}

/** Switching to WAL takes a lock that SQLite does not wait for, so the first openers of a new file try again. */
export async function connect(path: string, busyTimeoutMs: number): Promise<DatabaseSync> {
  const deadline = performance.now() + busyTimeoutMs;
  for (;;) {
    let db: DatabaseSync | undefined;
    try {
      db = new DatabaseSync(path, { timeout: busyTimeoutMs, defensive: true });
      refuseForeign(db, path);
      configure(db);
      return db;
    } catch (error) {
      db?.close();
      if (!isBusy(error) || performance.now() >= deadline) throw storeError(error, path);
    }
    await delay(10 + Math.random() * 20);
  }
}

function configure(db: DatabaseSync): void {
  db.exec('PRAGMA journal_mode = WAL');
  db.exec('PRAGMA synchronous = FULL');
  db.exec('PRAGMA cache_size = -16000');
  // Keeps a WAL that one long reader let grow from staying that size for ever.
  db.exec('PRAGMA journal_size_limit = 67108864');
  db.exec('PRAGMA temp_store = MEMORY');
  db.exec('PRAGMA trusted_schema = OFF');
}
