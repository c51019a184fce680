import type { ChangeSource, Log, Store } from '@simple-scheduler/engine';
import type { DatabaseSettings } from '@simple-scheduler/runtime';

/**
 * Opens the store that the settings name, with the feed of its changes, and brings its schema up to date. Rejects, with nothing left open, when the
 * database is not there. Drivers are loaded here, so that a process carries only the one it uses.
 */
export async function openStore(settings: DatabaseSettings, { log }: { log: Log }): Promise<Store & ChangeSource> {
  const store = await open(settings, log);
  try {
    await store.migrate();
    return store;
  } catch (error) {
    await store.close().catch((closing: unknown) => log.debug({ error: closing }, 'the store did not close'));
    throw error;
  }
}

async function open(settings: DatabaseSettings, log: Log): Promise<Store & ChangeSource> {
  if (settings.type === 'mongodb') {
    const { openMongoStore } = await import('@simple-scheduler/store-mongodb');
    return await openMongoStore({ connectionString: settings.connectionString.reveal(), dbName: settings.name, log });
  }
  const { openSqliteStore } = await import('@simple-scheduler/store-sqlite');
  return await openSqliteStore({ path: settings.path, log });
}
