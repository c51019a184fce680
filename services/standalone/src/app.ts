import { resolve } from 'node:path';
import { claimDatabase, openStore } from '@simple-scheduler/drivers';
import type { ApiContext, ChangeSource, Log, MessageBus, Store } from '@simple-scheduler/engine';
import {
  awaitConnection,
  awaitDependency,
  createSystemIds,
  formatAddress,
  httpUrl,
  PREFIX,
  startHealthServer,
  systemClock,
  systemPatience,
  systemRandom,
} from '@simple-scheduler/runtime';
import type { ServiceHost } from '@simple-scheduler/runtime';
import { startApi } from '@simple-scheduler/service-api';
import { buildCustodian } from '@simple-scheduler/service-custodian';
import { buildScheduler } from '@simple-scheduler/service-scheduler';
import { openMessaging } from './messaging.ts';
import type { Messaging } from './messaging.ts';
import { createSampleWorker, ensureSampleJob } from './sample.ts';
import type { StandaloneServiceSettings } from './settings.ts';
import { takeOver } from './take-over.ts';

type Host = ServiceHost<StandaloneServiceSettings>;

/** Scheduler, custodian, API and sample in this process. Resolves, with what to tell, when all of them serve. */
export async function startStandalone(host: Host): Promise<{ api: string; docs: string; health: string }> {
  const { settings, log, meter, readiness, shutdown } = host;
  // What is on this process's own bus is nobody else's: two processes on the same data would break each other's runs.
  if (settings.bus.type === 'memory') shutdown.add('claim on the data', await claimDatabase(settings.database));
  const health = await startHealthServer({ address: settings.health.address, readiness, meter });
  shutdown.add('health server', () => health.close());
  const { store, messaging } = await connect(host);
  const { bus } = messaging;
  if (messaging.private) await takeOver(store, { now: systemClock.now(), log });

  const context = contextOf(host, store, bus);
  const common = { store, clock: systemClock, random: systemRandom, log, meter, readiness };
  const timing = { ...settings.holding, ...settings.heartbeat, ...settings.cleanup };
  const holding = { ...timing, shutdownTimeoutMs: settings.shutdown.timeoutMs };
  const scheduler = buildScheduler({ ...common, settings: holding, bus, ids: context.ids });
  shutdown.add('scheduler', () => scheduler.stop());
  await scheduler.start();
  const custodian = buildCustodian({ ...common, settings: { ...timing, ...settings.retention } });
  shutdown.add('custodian', () => custodian.stop());
  custodian.start();
  const api = await startApi({ settings: settings.api, context, changes: store.changes, readiness });
  shutdown.add('api', () => api.stop());
  if (settings.standalone.sample) await startSample(host, context, messaging);

  const url = httpUrl(api.address);
  const addresses = { api: `${url}/api`, docs: `${url}/api/docs`, health: formatAddress(health.address) };
  tell(log, settings, addresses);
  return addresses;
}

async function connect(host: Host): Promise<{ store: Store & ChangeSource; messaging: Messaging }> {
  const { settings, log, meter, readiness, shutdown } = host;
  const waiting = { log, random: systemRandom, readiness, signal: shutdown.signal };
  const store = await awaitDependency(
    { name: 'database', attempt: () => openStore(settings.database, { log }) },
    waiting,
  );
  shutdown.add('database', () => store.close());
  const messaging = await openMessaging(settings.bus, { log, meter });
  shutdown.add('message bus', () => messaging.bus.close());
  await awaitConnection(messaging.bus, waiting);
  return { store, messaging };
}

function contextOf({ log, meter }: Host, store: Store, bus: MessageBus): ApiContext {
  return { store, bus, clock: systemClock, ids: createSystemIds(), log, meter, patience: systemPatience };
}

async function startSample(
  { settings, log, shutdown }: Host,
  context: ApiContext,
  messaging: Messaging,
): Promise<void> {
  const worker = createSampleWorker(messaging.workerSide, log);
  shutdown.add('sample worker', () => worker.stop({ timeoutMs: settings.shutdown.timeoutMs / 2 }));
  await worker.start();
  await ensureSampleJob(context);
}

function tell(
  log: Log,
  { api, bus, database }: StandaloneServiceSettings,
  { api: url, docs }: { api: string; docs: string },
): void {
  const data = database.type === 'sqlite' ? whereIs(database.path) : database.connectionString.toString();
  const access = api.auth.kind === 'none' ? ', for this machine only and without authentication' : '';
  log.info({}, `the API is at ${url}${access}`);
  log.info({}, `its documentation is at ${docs}`);
  log.info({}, `the data is in ${data}`);
  if (bus.type === 'memory') {
    const advice = `name a RabbitMQ with ${PREFIX}MESSAGEBUS_CONNECTION_STRING for that`;
    log.info({}, `workers elsewhere cannot take runs from the bus within this process; ${advice}`);
  }
}

function whereIs(path: string): string {
  return path === ':memory:' ? 'memory, and ends with this process' : resolve(path);
}
