import { openStore, startBus, verifyDatabase } from '@simple-scheduler/drivers';
import {
  awaitDependency,
  createSystemIds,
  httpUrl,
  runService,
  systemClock,
  systemPatience,
  systemRandom,
} from '@simple-scheduler/runtime';
import { lateStore } from './late-store.ts';
import { apiParts } from './settings.ts';
import { startApi } from './start-api.ts';

await runService({
  service: 'api',
  parts: apiParts,
  env: process.env,
  cwd: process.cwd(),
  verify: verifyDatabase,
  start: async ({ settings, log, meter, readiness, shutdown }) => {
    // Jobs can be added and read without a bus: what they owe to it is made up for by schedulers.
    const { bus, settled } = await startBus(settings.bus, { log, meter });
    shutdown.add('message bus', () => bus.close());

    // Serves at once, if only to say what it waits for.
    const database = lateStore();
    shutdown.add('database', () => database.close());
    const api = await startApi({
      settings: settings.api,
      context: {
        store: database.store,
        bus,
        clock: systemClock,
        ids: createSystemIds(),
        log,
        meter,
        patience: systemPatience,
      },
      changes: database.changes,
      readiness,
    });
    shutdown.add('api', () => api.stop());
    const store = await awaitDependency(
      { name: 'database', attempt: () => openStore(settings.database, { log }) },
      { log, random: systemRandom, readiness, signal: shutdown.signal },
    );
    readiness.set('database', () => store.ping().then(() => undefined));
    database.arrived(store);
    // Ready means that what is asked for now reaches a bus that is there.
    await settled;
    const url = httpUrl(api.address);
    return { api: `${url}/api`, docs: `${url}/api/docs` };
  },
});
