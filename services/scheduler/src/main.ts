import { openBus, openStore, verifyDatabase } from '@simple-scheduler/drivers';
import {
  awaitConnection,
  awaitDependency,
  createSystemIds,
  formatAddress,
  runService,
  startHealthServer,
  systemClock,
  systemRandom,
} from '@simple-scheduler/runtime';
import { buildScheduler } from './app.ts';
import { schedulerParts } from './settings.ts';

await runService({
  service: 'scheduler',
  parts: schedulerParts,
  env: process.env,
  cwd: process.cwd(),
  verify: verifyDatabase,
  start: async ({ settings, log, meter, readiness, shutdown }) => {
    const health = await startHealthServer({ address: settings.health.address, readiness, meter });
    shutdown.add('health server', () => health.close());

    const waiting = { log, random: systemRandom, readiness, signal: shutdown.signal };
    const store = await awaitDependency(
      { name: 'database', attempt: () => openStore(settings.database, { log }) },
      waiting,
    );
    shutdown.add('database', () => store.close());
    const bus = await openBus(settings.bus, { log, meter });
    shutdown.add('message bus', () => bus.close());
    await awaitConnection(bus, waiting);

    const scheduler = buildScheduler({
      settings: {
        ...settings.holding,
        ...settings.heartbeat,
        ...settings.cleanup,
        shutdownTimeoutMs: settings.shutdown.timeoutMs,
      },
      store,
      bus,
      clock: systemClock,
      ids: createSystemIds(),
      random: systemRandom,
      log,
      meter,
      readiness,
    });
    shutdown.add('scheduler', () => scheduler.stop());
    await scheduler.start();
    return { managerId: scheduler.managerId, health: formatAddress(health.address) };
  },
});
