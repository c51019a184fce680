import { definePart } from '../part.ts';
import type { SettingsPart } from '../part.ts';
import { Secret } from '../secret.ts';
import { choice, connectionString, textLike } from '../values.ts';

export type DatabaseSettings =
  | { readonly type: 'mongodb'; readonly connectionString: Secret; readonly name: string }
  /** `path` is relative to the working directory, or `:memory:`. */
  | { readonly type: 'sqlite'; readonly path: string };

const MONGODB_DEFAULT = 'mongodb://localhost:27017';
const SQLITE_DEFAULT_PATH = './data/simple-scheduler.db';
// What MongoDB allows on every system: no separators, no blanks, no wildcards.
const DB_NAME = /^[^/\\. "$*<>:|?]{1,63}$/;

export const databaseSettings: SettingsPart<DatabaseSettings> = definePart(
  {
    type: {
      name: 'DB_TYPE',
      help: 'The database. `sqlite` is for services on one machine.',
      example: 'mongodb',
      schema: choice(['mongodb', 'sqlite']),
    },
    connection: {
      name: 'DB_CONNECTION_STRING',
      help: `Where it is: a MongoDB connection string (default \`${MONGODB_DEFAULT}\`), or a SQLite file (default \`${SQLITE_DEFAULT_PATH}\`).`,
      example: MONGODB_DEFAULT,
      secret: true,
      schema: connectionString,
    },
    name: {
      name: 'DB_NAME',
      help: 'Name of the MongoDB database.',
      example: 'simpleScheduler',
      fallback: 'simpleScheduler',
      schema: textLike(
        DB_NAME,
        'must be a MongoDB database name: at most 63 characters, none of / \\ . " $ * < > : | ? and no blank',
      ),
    },
  },
  ({ type, connection, name }, { service, refuse }) => {
    if ((type ?? (service === 'standalone' ? 'sqlite' : 'mongodb')) === 'sqlite') {
      const path = connection?.reveal() ?? SQLITE_DEFAULT_PATH;
      if (path.includes('://'))
        refuse('connection', `must be the path of a file when DB_TYPE is sqlite, like ${SQLITE_DEFAULT_PATH}`);
      return { type: 'sqlite', path };
    }
    const address = connection ?? new Secret(MONGODB_DEFAULT, MONGODB_DEFAULT);
    if (!/^mongodb(\+srv)?:\/\/[^/]/.test(address.reveal())) {
      refuse('connection', 'must begin with mongodb:// or mongodb+srv:// and name a host when DB_TYPE is mongodb');
    }
    return { type: 'mongodb', connectionString: address, name };
  },
);
