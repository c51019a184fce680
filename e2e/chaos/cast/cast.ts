import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@simple-scheduler/client';
import { freePort, freshDatabase } from '@simple-scheduler/testkit';
import { cleanEnv, spawnService, start } from '../../support/service.ts';
import { LEASE_MS } from '../lease.ts';
import type { WorkerPlan } from '../worker/plan.ts';
import { Actor, type Role } from './actor.ts';
import type { Servers } from './servers.ts';

export interface CastOptions {
  readonly servers: Servers;
  /** For logs and journals. */
  readonly folder: string;
  readonly seed: number;
  /** Topologies that workers consume: `job.N`, `queue.Q`. */
  readonly topologies: readonly string[];
}

export interface Cast {
  readonly actors: readonly Actor[];
  /** Gives up soon, for times at which the API may not answer. */
  readonly client: Client;
  /** For times at which it must answer, on a busy machine too. */
  readonly patientClient: Client;
  readonly database: string;
  /** Files in which the workers wrote down what they did. */
  readonly journals: readonly string[];
  withRole(role: Role): readonly Actor[];
}

const SETTINGS = {
  SIMPLE_SCHEDULER_HEARTBEAT_INTERVAL: '1000',
  SIMPLE_SCHEDULER_HEARTBEAT_TIMEOUT: String(LEASE_MS),
  SIMPLE_SCHEDULER_CLEANUP_INTERVAL: '1000',
  SIMPLE_SCHEDULER_CACHE_REFRESH_INTERVAL: '10000',
  // All runs are held against what the workers received, however long it goes on.
  SIMPLE_SCHEDULER_RETENTION_COUNT: '0',
  SIMPLE_SCHEDULER_HEALTH_URL: '127.0.0.1:0',
  SIMPLE_SCHEDULER_LOG_FORMAT: 'json',
};
const CAST: readonly (readonly [Role, number])[] = [
  ['scheduler', 3],
  ['custodian', 2],
  ['api', 1],
  ['worker', 4],
];
const WORKER = fileURLToPath(new URL('../worker/main.ts', import.meta.url));

/** All processes of ours: the services as they are built, started, and workers that know nothing but AMQP, which are not. */
export async function startCast(options: CastOptions): Promise<Cast> {
  const { folder, servers } = options;
  for (const name of ['logs', 'journals']) mkdirSync(join(folder, name), { recursive: true });
  const database = freshDatabase();
  const apiPort = await freePort();
  const journals: string[] = [];
  const actors: Actor[] = [];
  for (const [role, count] of CAST) {
    for (let number = 1; number <= count; number += 1) {
      const name = `${role}-${number}`;
      const addresses = await servers.addressesFor(name);
      const journal = join(folder, 'journals', `${name}.jsonl`);
      const plan: WorkerPlan = {
        name,
        url: addresses.rabbitmq,
        journal,
        seed: options.seed,
        topologies: options.topologies,
        knowsAttempts: number % 2 === 1,
      };
      const env = {
        ...SETTINGS,
        SIMPLE_SCHEDULER_DB_CONNECTION_STRING: addresses.mongodb,
        SIMPLE_SCHEDULER_DB_NAME: database,
        SIMPLE_SCHEDULER_MESSAGEBUS_CONNECTION_STRING: addresses.rabbitmq,
        ...(role === 'api' ? { SIMPLE_SCHEDULER_API_URL: `127.0.0.1:${apiPort}`, SIMPLE_SCHEDULER_AUTH: 'none' } : {}),
      };
      const spawn =
        role === 'worker'
          ? () => start(name, process.execPath, [WORKER], { ...cleanEnv(), CHAOS_WORKER: JSON.stringify(plan) })
          : () => spawnService(role, env);
      if (role === 'worker') journals.push(journal);
      actors.push(new Actor({ name, role, logFile: join(folder, 'logs', `${name}.log`), spawn }));
    }
  }
  const withRole = (role: Role): Actor[] => actors.filter((actor) => actor.role === role);
  // One first: it brings the schema up to date.
  await withRole('api')[0]?.start();
  await Promise.all(actors.filter(({ role }) => role !== 'api' && role !== 'worker').map((actor) => actor.start()));
  const baseUrl = `http://127.0.0.1:${apiPort}/api`;
  return {
    actors,
    client: createClient({ baseUrl, timeoutMs: 5_000 }),
    patientClient: createClient({ baseUrl, timeoutMs: 30_000 }),
    database,
    journals,
    withRole,
  };
}
