import { openStore, verifyDatabase } from '@simple-scheduler/drivers';
import {
  awaitDependency,
  formatAddress,
  runService,
  startHealthServer,
  systemClock,
  systemRandom,
} from '@simple-scheduler/runtime';
import { buildCustodian } from './app.ts';
import { custodianParts } from './settings.ts';

await runService({
  service: 'custodian',
  parts: custodianParts,
  env: process.env,
  cwd: process.cwd(),
  verify: verifyDatabase,
  start: async ({ settings, log, meter, readiness, shutdown }) => {
    const health = await startHealthServer({ address: settings.health.address, readiness, meter });
    shutdown.add('health server', () => health.close());

    const store = await awaitDependency(
      { name: 'database', attempt: () => openStore(settings.database, { log }) },
      { log, random: systemRandom, readiness, signal: shutdown.signal },
    );
    shutdown.add('database', () => store.close());

    const custodian = buildCustodian({
      settings: { ...settings.heartbeat, ...settings.cleanup, ...settings.retention },
      store,
      clock: systemClock,
      random: systemRandom,
      log,
      meter,
      readiness,
    });
    shutdown.add('custodian', () => custodian.stop());
    custodian.start();
    return { health: formatAddress(health.address) };
  },
});
