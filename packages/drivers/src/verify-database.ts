import { ValidationError } from '@simple-scheduler/engine';
import { type DatabaseSettings, PREFIX, type SettingsProblem } from '@simple-scheduler/runtime';

/** What the options of the store are called where they are set. */
const VARIABLES: Readonly<Record<string, string>> = { connectionString: 'DB_CONNECTION_STRING', dbName: 'DB_NAME' };

/**
 * What the driver of the database finds wrong with its settings: only MongoDB's own knows all that a connection string may
 * say. Connects to nothing; what it tells has no password in it.
 */
export async function verifyDatabase({
  database,
}: {
  readonly database?: DatabaseSettings;
}): Promise<SettingsProblem[]> {
  if (database?.type !== 'mongodb') return [];
  const { openMongoStore } = await import('@simple-scheduler/store-mongodb');
  const { connectionString, name } = database;
  try {
    const store = await openMongoStore({ connectionString: connectionString.reveal(), dbName: name });
    await store.close();
    return [];
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return error.errors.map(({ path, message }) => ({ variable: `${PREFIX}${VARIABLES[path]}`, text: ` ${message}` }));
  }
}
