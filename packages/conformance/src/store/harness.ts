import type { Store } from '@simple-scheduler/engine';
import { beforeEach, vi } from 'vitest';
import { perTest } from '../per-test.ts';

/** What a driver hands to the suite for each test. */
export interface StoreUnderTest {
  readonly store: Store;
  /** A second connection to the same database, for races. */
  readonly second: Store;
  /** Opens a further connection to the same database; the test closes it. */
  open(): Promise<Store>;
  /** Called after each test: closes both connections and removes what the driver made for the test. */
  close(): Promise<void>;
}

/**
 * Called before each test: connections to a database that holds no records. The suite calls `migrate` on `store`; a
 * driver may reuse a migrated database that it has emptied.
 */
export type StoreSetup = () => Promise<StoreUnderTest>;

/** The database of the running test. */
export interface Db {
  readonly store: Store;
  readonly second: Store;
  open(): Promise<Store>;
}

/** Registers the hooks that give each test its database. */
export function useDatabase(setup: StoreSetup): Db {
  const present = perTest('database', setup);
  beforeEach(() => present().store.migrate());
  return {
    get store() {
      return present().store;
    },
    get second() {
      return present().second;
    },
    open: () => present().open(),
  };
}

/** Runs `call` `count` times at once, alternating between the two connections. */
export function race<T>(db: Db, count: number, call: (store: Store, index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => call(i % 2 === 0 ? db.store : db.second, i)));
}

/** Resolves once the database's clock is past `at`; returns its time. */
export async function databaseTimePast(store: Store, at: number): Promise<number> {
  let now = 0;
  await vi.waitUntil(
    async () => {
      ({ now } = await store.listManagers());
      return now > at;
    },
    { timeout: 10_000, interval: 2 },
  );
  return now;
}

export function countOf<T>(values: readonly T[], wanted: T): number {
  return values.filter((value) => value === wanted).length;
}

export function chunks<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
}
