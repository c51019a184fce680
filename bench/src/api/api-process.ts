// The API's own code in a process whose store may remember what it has read: what a read costs beside the database.
import { once } from 'node:events';
import { createMemoryBroker } from '@simple-scheduler/bus-memory';
import type { Store } from '@simple-scheduler/engine';
import { createReadiness, createSystemIds, systemClock, systemPatience } from '@simple-scheduler/runtime';
import { startApi } from '@simple-scheduler/service-api';
import { openMongoStore } from '@simple-scheduler/store-mongodb';

export interface ApiSetup {
  readonly database: { readonly connectionString: string; readonly dbName: string };
  readonly auth: { readonly issuer: string; readonly audience: string };
  readonly remembers: boolean;
}

const [{ database, auth, remembers }] = (await once(process, 'message')) as [ApiSetup];
const nothing = (): void => {};
const store = await openMongoStore(database);
const bus = createMemoryBroker().bus();
await bus.connect();
const api = await startApi({
  settings: {
    address: { host: '127.0.0.1', port: 0 },
    auth: { kind: 'oidc', ...auth },
    corsOrigins: [],
    requestsPerMinute: 0,
  },
  context: {
    store: remembers ? remembering(store) : store,
    bus,
    clock: systemClock,
    ids: createSystemIds(),
    log: { debug: nothing, info: nothing, warn: console.error, error: console.error },
    meter: { count: nothing, gauge: nothing, observe: nothing },
    patience: systemPatience,
  },
  readiness: createReadiness(),
});
process.send?.(`http://127.0.0.1:${api.address.port}`);
process.on('disconnect', () => process.exit(0));

/** Asks for each record once. No API may do that: what it answers would be old. */
function remembering(source: Store): Store {
  return {
    ...source,
    getJobs: remembered(
      (names) => source.getJobs(names),
      ({ name }) => name,
    ),
    getRuns: remembered(
      (ids) => source.getRuns(ids),
      ({ id }) => id,
    ),
  };
}

function remembered<R>(
  read: (keys: readonly string[]) => Promise<R[]>,
  keyOf: (record: R) => string,
): (keys: readonly string[]) => Promise<R[]> {
  const known = new Map<string, R>();
  return async (keys) => {
    const missing = keys.filter((key) => !known.has(key));
    if (missing.length > 0) for (const record of await read(missing)) known.set(keyOf(record), record);
    return keys.flatMap((key) => known.get(key) ?? []);
  };
}
