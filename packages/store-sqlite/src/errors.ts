import { SchedulerError, StoreUnavailableError } from '@simple-scheduler/engine';

/** Primary result codes of SQLite that a repetition may get past, with what they mean to the one who runs it. */
const PASSING = new Map<number, string>([
  [5, 'another process holds the lock'],
  [6, 'a table is locked'],
  [7, 'out of memory'],
  [8, 'the file cannot be written'],
  [9, 'the call was interrupted'],
  [10, 'the disk fails to read or write'],
  [13, 'the disk is full'],
  [14, 'the file cannot be opened'],
  [15, 'the locking protocol fails'],
]);
/** Codes that say that the file itself is wrong. */
const BROKEN = new Map<number, string>([
  [11, 'the file is damaged. Put a backup in its place, or name another file'],
  [26, 'the file is not an SQLite database. Name another file'],
]);

interface SqliteError extends Error {
  readonly code: string;
  readonly errcode?: number;
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** The low byte is the primary code; the rest says more. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && error.errcode !== undefined && (error.errcode & 0xff) === 5;
}

/** What a failed call on the database at `path` rejects with. Mistakes of ours stay as they are. */
export function storeError(error: unknown, path: string): unknown {
  if (!isSqliteError(error)) return error;
  if (error.code === 'ERR_INVALID_STATE') return new StoreUnavailableError(`SQLite store ${path} is closed`, error);
  if (error.code !== 'ERR_SQLITE_ERROR' || error.errcode === undefined) return error;
  const primary = error.errcode & 0xff;
  const passing = PASSING.get(primary);
  if (passing !== undefined)
    return new StoreUnavailableError(`SQLite store ${path}: ${passing} (${error.message})`, error);
  const broken = BROKEN.get(primary);
  if (broken !== undefined) {
    return new SchedulerError(`SQLite store ${path}: ${broken}`, { code: 'internal', retryable: false, cause: error });
  }
  return error;
}
