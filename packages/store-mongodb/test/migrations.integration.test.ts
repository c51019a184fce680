import { jobRecord } from '@simple-scheduler/conformance';
import { type Log, StoreUnavailableError } from '@simple-scheduler/engine';
import { freshDatabase, waitFor } from '@simple-scheduler/testkit';
import { sharedMongodb } from '@simple-scheduler/testkit/vitest';
import { type Db, MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openMongoStore } from '../src/index.ts';
import { type MigrationDocument, MigrationLock } from '../src/migrations/lock.ts';
import { isMigrated, migrate } from '../src/migrations/migrate.ts';
import type { Migration } from '../src/migrations/migration.ts';

let url: string;
let client: MongoClient;
let db: Db;

beforeAll(async () => {
  ({ url } = await sharedMongodb());
  client = new MongoClient(url, { writeConcern: { w: 'majority' } });
});
beforeEach(() => {
  db = client.db(freshDatabase());
});
afterEach(async () => {
  await db.dropDatabase();
});
afterAll(() => client.close());

/** Steps that note when they ran. */
function steps(...numbers: readonly number[]): { migrations: Migration[]; ran: number[] } {
  const ran: number[] = [];
  const migrations = numbers.map((number) => ({
    number,
    name: `step ${number}`,
    up: async (database: Db): Promise<void> => {
      await database.collection('log').insertOne({ number });
      ran.push(number);
    },
  }));
  return { migrations, ran };
}

const applied = async (): Promise<unknown[]> =>
  (await db.collection<MigrationDocument>('migrations').find().sort({ _id: 1 }).toArray()).map(({ _id, name }) => [
    _id,
    name,
  ]);

describe('migrating', () => {
  it('applies each step once, in order, and notes it', async () => {
    const { migrations, ran } = steps(1, 2, 3);
    await migrate(db, { migrations: migrations.slice(0, 2) });
    expect(await isMigrated(db, { migrations })).toBe(false);
    await migrate(db, { migrations });
    await migrate(db, { migrations });
    expect(ran).toStrictEqual([1, 2, 3]);
    expect(await isMigrated(db, { migrations })).toBe(true);
    expect(await applied()).toStrictEqual([
      [1, 'step 1'],
      [2, 'step 2'],
      [3, 'step 3'],
    ]);
  });

  it('runs in one of many processes that start together', async () => {
    const { migrations, ran } = steps(1, 2);
    await Promise.all(Array.from({ length: 8 }, () => migrate(db, { migrations })));
    expect(ran).toStrictEqual([1, 2]);
    const [dbName, connectionString] = [db.databaseName, url];
    const stores = await Promise.all(Array.from({ length: 6 }, () => openMongoStore({ connectionString, dbName })));
    await Promise.all(stores.map((store) => store.migrate()));
    expect(await stores[0]?.insertJob(jobRecord())).toBe('inserted');
    await Promise.all(stores.map((store) => store.close()));
  });

  it('waits for a holder that lives, and takes over from one that died', async () => {
    const lock = new MigrationLock(db.collection('migrations'), 1_500);
    expect(await lock.hold()).toBe(true);
    const other = new MigrationLock(db.collection('migrations'), 1_500);
    expect(await other.hold()).toBe(false);
    const { migrations, ran } = steps(1);
    const waiting = migrate(db, { migrations, lockTtlMs: 1_500 });
    // Alive: it renews. Longer in all than the lock lives without.
    const renewedUntil = performance.now() + 2_000;
    await waitFor(async () => (await lock.hold()) && performance.now() > renewedUntil, { intervalMs: 100 });
    expect(ran).toStrictEqual([]);
    // From here on it says nothing any more.
    await waiting;
    expect(ran).toStrictEqual([1]);
    expect(await lock.hold()).toBe(true);
  });

  it('renews its lock for as long as a step takes', async () => {
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const long: Migration = { number: 1, name: 'long', up: () => finished };
    const working = migrate(db, { migrations: [long], lockTtlMs: 600 });
    await waitFor(() => db.collection<MigrationDocument>('migrations').findOne({ _id: 'lock' }));
    const other = new MigrationLock(db.collection('migrations'), 600);
    const triedUntil = performance.now() + 1_500;
    await waitFor(async () => !(await other.hold()) && performance.now() > triedUntil);
    finish();
    await working;
    expect(await other.hold()).toBe(true);
  });

  it('gives up on another process in the end, and leaves its lock alone', async () => {
    const lock = new MigrationLock(db.collection('migrations'), 60_000);
    await lock.hold();
    const { migrations, ran } = steps(1);
    await expect(migrate(db, { migrations, waitMs: 300 })).rejects.toThrow(StoreUnavailableError);
    expect(ran).toStrictEqual([]);
    await new MigrationLock(db.collection('migrations'), 60_000).release();
    expect(await new MigrationLock(db.collection('migrations'), 60_000).hold()).toBe(false);
  });

  it('begins anew with a step that failed, and frees the lock for it', async () => {
    const { migrations, ran } = steps(1, 2);
    const failing = { number: 2, name: 'step 2', up: () => Promise.reject(new Error('cut off')) };
    await expect(migrate(db, { migrations: [migrations[0] as Migration, failing] })).rejects.toThrow('cut off');
    expect(await isMigrated(db, { migrations })).toBe(false);
    await migrate(db, { migrations });
    expect(ran).toStrictEqual([1, 2]);
  });

  it('warns of a database that a newer version has migrated, and leaves it be', async () => {
    await migrate(db, steps(1, 2));
    const warnings: object[] = [];
    const log: Log = { debug: () => {}, info: () => {}, warn: (fields) => void warnings.push(fields), error: () => {} };
    const { migrations, ran } = steps(1);
    expect(await isMigrated(db, { migrations, log })).toBe(true);
    expect(warnings).toStrictEqual([{ newest: 2, known: 1 }]);
    expect(ran).toStrictEqual([]);
  });
});
