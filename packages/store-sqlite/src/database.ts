import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { storeError } from './errors.ts';

/** A row as values in the order of the selected columns. */
export type Row = readonly SQLOutputValue[];
export type Value = SQLInputValue;

/** Queries with filters have many shapes; past this many the statements are prepared anew. */
const STATEMENTS_MAX = 500;

/**
 * One connection: prepared statements by their text, transactions, and errors in the words of the port. Everything is
 * synchronous, so no two calls of one connection ever interleave.
 */
export class Database {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #onPrepare: ((sql: string) => void) | undefined;

  constructor(db: DatabaseSync, path: string, onPrepare?: (sql: string) => void) {
    this.#db = db;
    this.path = path;
    this.#onPrepare = onPrepare;
  }

  /** Runs `body` as one transaction that holds the write lock from its start: what it reads stays true until it ends. */
  write<T>(body: () => T): T {
    return this.#transaction('BEGIN IMMEDIATE', body);
  }

  /** Runs `body` on one snapshot. */
  read<T>(body: () => T): T {
    return this.#transaction('BEGIN', body);
  }

  /** As `write`, but no one else may be writing or migrating meanwhile. */
  exclusive<T>(body: () => T): T {
    return this.#transaction('BEGIN EXCLUSIVE', body);
  }

  all(sql: string, ...values: readonly Value[]): Row[] {
    return this.#guard(() => this.#prepared(sql).all(...values) as unknown as Row[]);
  }

  get(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.#guard(() => this.#prepared(sql).get(...values) as unknown as Row | undefined);
  }

  /** Returns how many rows changed. */
  run(sql: string, ...values: readonly Value[]): number {
    return this.#guard(() => Number(this.#prepared(sql).run(...values).changes));
  }

  /** Runs statements that are not worth keeping. */
  exec(sql: string): void {
    this.#guard(() => this.#db.exec(sql));
  }

  /** Safe twice. */
  close(): void {
    this.#statements.clear();
    if (this.#db.isOpen) this.#guard(() => this.#db.close());
  }

  #transaction<T>(begin: string, body: () => T): T {
    this.run(begin);
    try {
      const result = body();
      this.run('COMMIT');
      return result;
    } catch (error) {
      // SQLite has rolled back by itself after some errors (disk full, I/O).
      if (this.#db.isOpen && this.#db.isTransaction) this.run('ROLLBACK');
      throw error;
    }
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    if (this.#statements.size >= STATEMENTS_MAX) this.#statements.clear();
    const statement = this.#db.prepare(sql);
    statement.setReturnArrays(true);
    this.#statements.set(sql, statement);
    this.#onPrepare?.(sql);
    return statement;
  }

  #guard<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw storeError(error, this.path);
    }
  }
}
