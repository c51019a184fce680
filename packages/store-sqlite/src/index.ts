/**
 * Store driver for SQLite, on Node's own `node:sqlite`: the embedded default, for one machine.
 *
 * ```ts
 * const store = await openSqliteStore({ path: './data/scheduler.db' });
 * await store.migrate();
 * ```
 *
 * What it does
 * - One file (and its `-wal` and `-shm`), readable by its owner only; the folder is made where it is missing. `:memory:`
 *   keeps everything in the process, for one connection.
 * - WAL with `synchronous = FULL`: a resolved write has been synced to the disk. Each call is one transaction, so a
 *   batch costs one sync.
 * - Guards and unique keys are columns and (partial) unique indexes; every query runs on an index, a test holds that.
 * - The clock of the database is the clock of the machine (`now`).
 *
 * What it does not do
 * - Calls are synchronous inside: a call holds the event loop until SQLite is done, a batch of 1,000 runs some tens of
 *   milliseconds. Where that matters, take MongoDB.
 * - There is one writer at a time. Further processes on the same machine may open the same file and stay correct, but
 *   each waits for the lock (`busyTimeoutMs`, with its event loop held) and under load the waits are unfair: one
 *   writing process is what it is made for. A lock not had in time is a `StoreUnavailableError`. A process that must
 *   be the only one says so with `claimSqliteFile`.
 * - The file has to be on a local disk; WAL does not work on network file systems.
 *
 * Back up with `sqlite3 scheduler.db '.backup copy.db'` or `VACUUM INTO`; never copy the file alone while it is open.
 */
export { claimSqliteFile } from './claim.ts';
export type { Claim } from './claim.ts';
export { openSqliteStore } from './open.ts';
export type { SqliteStoreOptions } from './open.ts';
