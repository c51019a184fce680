import { createVhost, freshDatabase, waitFor } from '@simple-scheduler/testkit';
import type { Store } from '@simple-scheduler/engine';
import { openMongoStore } from '@simple-scheduler/store-mongodb';
import { MongoClient } from 'mongodb';
import type { BenchServers } from './servers.ts';
import { type ServiceProcess, startService } from './service-process.ts';

/** A database and a virtual host of one workload's own, and the services that were started on them. */
export interface Installation extends AsyncDisposable {
  readonly store: Store;
  readonly dbName: string;
  readonly amqpUrl: string;
  readonly services: readonly ServiceProcess[];
  /** The processes that are measured, servers included. */
  pids(): Record<string, number | undefined>;
  startSchedulers(count: number): Promise<ServiceProcess[]>;
  startCustodian(): Promise<ServiceProcess>;
  startApi(settings: Settings): Promise<ServiceProcess>;
  stopServices(): Promise<void>;
}

/** Of services, by their variables' names without the prefix. */
export type Settings = Readonly<Record<string, string>>;

const STORE_TIMEOUT_MS = 60_000;
const REMOVAL_TIME_LIMIT_MS = 180_000;

export async function install(
  servers: Pick<BenchServers, 'mongodb' | 'rabbitmq'>,
  profileFolder: string | undefined,
  settings: Settings = {},
): Promise<Installation> {
  const vhost = await createVhost(servers.rabbitmq);
  const dbName = freshDatabase();
  const store = await openMongoStore({
    connectionString: servers.mongodb.url,
    dbName,
    timeoutMs: STORE_TIMEOUT_MS,
    appName: 'simple-scheduler-bench',
  });
  await store.migrate();
  const services: ServiceProcess[] = [];
  const env = {
    SIMPLE_SCHEDULER_DB_CONNECTION_STRING: servers.mongodb.url,
    SIMPLE_SCHEDULER_DB_NAME: dbName,
    SIMPLE_SCHEDULER_MESSAGEBUS_CONNECTION_STRING: vhost.url,
    SIMPLE_SCHEDULER_HEALTH_URL: '127.0.0.1:0',
    SIMPLE_SCHEDULER_LOG_FORMAT: 'json',
    ...variables(settings),
  };
  const start = async (service: ServiceProcess['service'], own: Settings = {}): Promise<ServiceProcess> => {
    const number = services.filter(({ name }) => name.startsWith(service)).length + 1;
    const process = await startService({
      name: `${service}-${number}`,
      service,
      env: { ...env, ...variables(own) },
      profileFolder,
    });
    services.push(process);
    return process;
  };
  const stopServices = async (): Promise<void> => {
    await Promise.all(services.splice(0).map((process) => process.stop()));
  };
  return {
    store,
    dbName,
    amqpUrl: vhost.url,
    services,
    pids: () => ({
      ...Object.fromEntries(services.map(({ name, pid }) => [name, pid])),
      mongodb: servers.mongodb.pid,
      rabbitmq: servers.rabbitmq.pid,
    }),
    // One after another, so that each has its own number.
    startSchedulers: (count) => Array.fromAsync({ length: count }, () => start('scheduler')),
    startCustodian: () => start('custodian'),
    startApi: (own) => start('api', own),
    stopServices,
    [Symbol.asyncDispose]: async () => {
      await stopServices();
      await store.close();
      // With thousands of exchanges and queues in it that takes longer than one request may.
      await waitFor(() => vhost.remove().then(() => true), {
        timeoutMs: REMOVAL_TIME_LIMIT_MS,
        message: 'the virtual host to go',
      });
      await dropDatabase(servers.mongodb.url, dbName);
    },
  };
}

function variables(settings: Settings): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [`SIMPLE_SCHEDULER_${name}`, value]));
}

async function dropDatabase(url: string, name: string): Promise<void> {
  await using client = await MongoClient.connect(url);
  await client.db(name).dropDatabase();
}
