import { createMemoryBroker } from '@simple-scheduler/bus-memory';
import type { Log, Store } from '@simple-scheduler/engine';
import { createReadiness, createSystemIds, systemClock, systemPatience } from '@simple-scheduler/runtime';
import type { ApiSettings } from '@simple-scheduler/runtime';
import { startApi } from '@simple-scheduler/service-api';
import { openSqliteStore } from '@simple-scheduler/store-sqlite';

export interface RealApi extends AsyncDisposable {
  readonly url: string;
  readonly store: Store;
}

/** The API listening on a free port of loopback, on SQLite in memory and the bus of this process. */
export async function realApi(auth: ApiSettings['auth'] = { kind: 'none' }): Promise<RealApi> {
  const store = await openSqliteStore({ path: ':memory:' });
  await store.migrate();
  const bus = createMemoryBroker().bus();
  await bus.connect();
  const silent = (): void => {};
  const log: Log = { debug: silent, info: silent, warn: silent, error: silent };
  const api = await startApi({
    settings: { address: { host: '127.0.0.1', port: 0 }, auth, corsOrigins: [], requestsPerMinute: 0 },
    context: {
      store,
      bus,
      clock: systemClock,
      ids: createSystemIds(),
      log,
      meter: { count: silent, gauge: silent, observe: silent },
      patience: systemPatience,
    },
    readiness: createReadiness(),
  });
  return {
    url: `http://127.0.0.1:${api.address.port}/api`,
    store,
    [Symbol.asyncDispose]: async () => {
      await api.stop();
      await bus.close();
      await store.close();
    },
  };
}
