import { type ChangeSource, type Log, type Store, StoreUnavailableError } from '@simple-scheduler/engine';
import type { MongoClient } from 'mongodb';
import { changeFeed } from './changes/change-feed.ts';
import { type ClientSettings, createClient, logAvailability } from './connection/client.ts';
import { Connection } from './connection/connection.ts';
import { checkDatabaseName } from './connection/database-name.ts';
import { redactorFor } from './connection/redact.ts';
import { type Database, databaseOn } from './database.ts';
import { jobStore } from './jobs/job-store.ts';
import { leaseStore } from './jobs/lease-store.ts';
import { managerStore } from './managers/manager-store.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { isMigrated, migrate } from './migrations/migrate.ts';
import { requestStore } from './requests/request-store.ts';
import { runStore } from './runs/run-store.ts';

export interface MongoStoreOptions {
  /** `mongodb://` or `mongodb+srv://`. What it says about write concern, read concern and read preference is not heeded. */
  readonly connectionString: string;
  readonly dbName: string;
  readonly log?: Log;
  /** How long a call looks for a server that takes writes; 5 s unless told. */
  readonly serverSelectionTimeoutMs?: number;
  /** How long a call may take in all, migrations excepted; 10 s unless told. */
  readonly timeoutMs?: number;
  /** What operators see in the server's log and `currentOp`, unless the connection string names something else. */
  readonly appName?: string;
}

const TIMEOUT_MS = 10_000;
const SERVER_SELECTION_TIMEOUT_MS = 5_000;

/**
 * Opens a store on MongoDB 6 or newer: a replica set, a sharded cluster's router or, for trying things out, a single
 * server. Connects with the first call, so that it opens while the server is away: calls then reject with
 * `StoreUnavailableError`, and work once it is there.
 *
 * @throws ValidationError for a connection string or a database name that can't be right.
 * Calls reject with a `SchedulerError` that is not retryable when the server refuses the credentials.
 */
export async function openMongoStore(options: MongoStoreOptions): Promise<Store & ChangeSource> {
  const { connectionString, dbName, log, timeoutMs = TIMEOUT_MS } = options;
  checkDatabaseName(dbName);
  const settings: ClientSettings = {
    connectionString,
    appName: options.appName ?? 'simple-scheduler',
    timeoutMs,
    serverSelectionTimeoutMs: Math.min(options.serverSelectionTimeoutMs ?? SERVER_SELECTION_TIMEOUT_MS, timeoutMs),
  };
  return storeOn(createClient(settings), { ...settings, dbName, log });
}

/** The store on a client that is there already; `close` closes it. */
export function storeOn(
  client: MongoClient,
  settings: ClientSettings & { readonly dbName: string; readonly log: Log | undefined },
): Store & ChangeSource {
  const { log } = settings;
  if (log) logAvailability(client, log);
  const connection = new Connection({
    client,
    dbName: settings.dbName,
    timeoutMs: settings.timeoutMs,
    redact: redactorFor(settings.connectionString),
    log,
  });
  const database = databaseOn(connection);
  return {
    ...managerStore(database),
    ...jobStore(database),
    ...leaseStore(database),
    ...runStore(database),
    ...requestStore(database),
    changes: changeFeed(database),
    migrate: () => migrateThrough(database, settings),
    ping: () => ping(database),
    close: () => connection.close(),
  };
}

async function ping({ connection }: Database): Promise<void> {
  await connection.call(async () => {
    const { isWritablePrimary } = await hello(connection);
    // Only where the connection string asks for one member directly: the driver finds the primary by itself.
    if (!isWritablePrimary) throw new StoreUnavailableError('MongoDB is not available: this server takes no writes');
  });
}

interface Hello {
  readonly isWritablePrimary?: boolean;
  readonly setName?: string;
  /** `isdbgrid`: a router of a sharded cluster. */
  readonly msg?: string;
}

async function hello({ db, limits }: Connection): Promise<Hello> {
  return db.admin().command({ hello: 1, ...limits });
}

/**
 * Building an index on a large collection may take minutes, so what has to be applied is applied through a client of its
 * own, whose sockets wait for as long as that takes.
 */
async function migrateThrough({ connection }: Database, settings: ClientSettings): Promise<void> {
  const { log } = connection;
  const options = { migrations: MIGRATIONS, log };
  const done = await connection.call(async () => {
    const { setName, msg } = await hello(connection);
    if (setName === undefined && msg !== 'isdbgrid')
      log?.warn(
        {},
        'this MongoDB is no replica set: it can not fail over, and writes are not repeated after a lost reply',
      );
    return isMigrated(connection.db, options);
  });
  if (done) return;
  const patient = createClient({ ...settings, socketTimeoutMs: 0 });
  try {
    await migrate(patient.db(connection.db.databaseName), options);
  } catch (error) {
    throw connection.explain(error);
  } finally {
    await patient.close();
  }
}
