import { type Client, createClient } from '@simple-scheduler/client';
import { createVhost, freePort, freshDatabase } from '@simple-scheduler/testkit';
import { type Spawned, startService } from './service.ts';

export interface InstallationOptions {
  readonly mongodb: { readonly url: string };
  /** Its own virtual host is made, unless `vhost` is false (a broker of the test's own). */
  readonly rabbitmq: { readonly url: string; readonly managementUrl: string };
  readonly vhost?: boolean;
  readonly schedulers?: number;
  readonly custodians?: number;
  /** Further settings of all services. */
  readonly settings?: Record<string, string>;
}

export interface Installation extends AsyncDisposable {
  readonly amqpUrl: string;
  readonly apiUrl: string;
  readonly client: Client;
  readonly env: Record<string, string>;
  readonly database: string;
  schedulers: Spawned[];
  custodians: Spawned[];
  api: Spawned;
  addScheduler(): Promise<Spawned>;
  /** The same address as before. */
  startApi(): Promise<Spawned>;
}

/** Schedulers, custodians and an API as processes of their own, on real servers. */
export async function install(options: InstallationOptions): Promise<Installation> {
  const vhost = options.vhost === false ? undefined : await createVhost(options.rabbitmq);
  const amqpUrl = vhost?.url ?? options.rabbitmq.url;
  const database = freshDatabase();
  const port = await freePort();
  const apiUrl = `http://127.0.0.1:${port}/api`;
  const env = {
    SIMPLE_SCHEDULER_DB_CONNECTION_STRING: options.mongodb.url,
    SIMPLE_SCHEDULER_DB_NAME: database,
    SIMPLE_SCHEDULER_MESSAGEBUS_CONNECTION_STRING: amqpUrl,
    SIMPLE_SCHEDULER_HEALTH_URL: '127.0.0.1:0',
    SIMPLE_SCHEDULER_LOG_FORMAT: 'json',
    ...options.settings,
  };
  const apiEnv = {
    ...env,
    SIMPLE_SCHEDULER_API_URL: `127.0.0.1:${port}`,
    ...(options.settings?.['SIMPLE_SCHEDULER_OIDC_ISSUER'] === undefined ? { SIMPLE_SCHEDULER_AUTH: 'none' } : {}),
  };
  const many = (count: number, start: () => Promise<Spawned>): Promise<Spawned[]> =>
    Promise.all(Array.from({ length: count }, start));
  const addScheduler = (): Promise<Spawned> => startService('scheduler', env);
  const startApi = (): Promise<Spawned> => startService('api', apiEnv);
  const [schedulers, custodians, api] = await Promise.all([
    many(options.schedulers ?? 1, addScheduler),
    many(options.custodians ?? 1, () => startService('custodian', env)),
    startApi(),
  ]);
  const installation: Installation = {
    amqpUrl,
    apiUrl,
    env,
    database,
    client: createClient({ baseUrl: apiUrl }),
    schedulers,
    custodians,
    api,
    addScheduler: async () => {
      const scheduler = await addScheduler();
      installation.schedulers.push(scheduler);
      return scheduler;
    },
    startApi: async () => {
      installation.api = await startApi();
      return installation.api;
    },
    [Symbol.asyncDispose]: async () => {
      const all = [...installation.schedulers, ...installation.custodians, installation.api];
      await Promise.all(all.map((process) => process.stop()));
      await vhost?.remove();
    },
  };
  return installation;
}
