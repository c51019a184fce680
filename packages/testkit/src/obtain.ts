import {
  environmentFor,
  keycloakFromEnvironment,
  mongodbFromEnvironment,
  postgresFromEnvironment,
  rabbitmqFromEnvironment,
  redisFromEnvironment,
} from './environment.ts';
import type {
  KeycloakServer,
  MongodbServer,
  PostgresServer,
  RabbitmqServer,
  RedisServer,
  Server,
  ServerKind,
} from './server.ts';
import {
  hasContainerEngine,
  startKeycloakContainer,
  startMongodbContainer,
  startPostgresContainer,
  startRabbitmqContainer,
  startRedisContainer,
  startStandaloneMongodbContainer,
} from './servers/containers.ts';
import { startKeycloakBinary } from './servers/keycloak.ts';
import { startMongodbBinary, startStandaloneMongodbBinary } from './servers/mongodb.ts';
import { startPostgresBinary } from './servers/postgres.ts';
import { startRabbitmqBinary } from './servers/rabbitmq.ts';
import { startRedisBinary } from './servers/redis.ts';

export interface ServerWishes {
  readonly mongodb?: boolean;
  readonly rabbitmq?: boolean;
  readonly keycloak?: boolean;
  readonly redis?: boolean;
  readonly postgres?: boolean;
}

type Wished<W extends ServerWishes, K extends ServerKind, T> = W[K] extends true ? T : T | undefined;

export interface Servers<W extends ServerWishes = ServerWishes> extends AsyncDisposable {
  readonly mongodb: Wished<W, 'mongodb', MongodbServer>;
  readonly rabbitmq: Wished<W, 'rabbitmq', RabbitmqServer>;
  readonly keycloak: Wished<W, 'keycloak', KeycloakServer>;
  readonly redis: Wished<W, 'redis', RedisServer>;
  readonly postgres: Wished<W, 'postgres', PostgresServer>;
  /** Set in another process, these variables make it use the same servers. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends those that were started here and removes their data. */
  stop(): Promise<void>;
}

/**
 * Gives the wished servers, each from the first that has it: an address in the environment, a container where a container
 * engine answers, a binary from a package registry. `log` gets one line per server that says which.
 * @throws when one can't be had; those that were started meanwhile are ended again.
 */
export async function obtainServers<const W extends ServerWishes>(
  wishes: W,
  { log = console.log }: { log?: (line: string) => void } = {},
): Promise<Servers<W>> {
  const outcomes = await Promise.allSettled([
    wishes.mongodb ? obtain('mongodb', () => mongodbFromEnvironment() ?? startMongodb(), log) : undefined,
    wishes.rabbitmq ? obtain('rabbitmq', () => rabbitmqFromEnvironment() ?? startRabbitmq(), log) : undefined,
    wishes.keycloak ? obtain('keycloak', () => keycloakFromEnvironment() ?? startKeycloak(), log) : undefined,
    wishes.redis ? obtain('redis', () => redisFromEnvironment() ?? startRedis(), log) : undefined,
    wishes.postgres ? obtain('postgres', () => postgresFromEnvironment() ?? startPostgres(), log) : undefined,
  ]);
  const stop = async (): Promise<void> => {
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') await outcome.value?.remove();
  };
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
  if (failures.length > 0) {
    await stop();
    throw new AggregateError(failures, failures.map((failure) => failure.message).join('\n'));
  }
  const [mongodb, rabbitmq, keycloak, redis, postgres] = outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? outcome.value : undefined,
  );
  const env = environmentFor({
    ...(mongodb && { mongodb }),
    ...(rabbitmq && { rabbitmq }),
    ...(keycloak && { keycloak }),
    ...(redis && { redis }),
    ...(postgres && { postgres }),
  });
  return { mongodb, rabbitmq, keycloak, redis, postgres, env, stop, [Symbol.asyncDispose]: stop } as Servers<W>;
}

/** A MongoDB of one's own, to be ended and started at will. */
export function startMongodb(): Promise<MongodbServer> {
  return start('mongodb', startMongodbContainer, startMongodbBinary);
}

/** A MongoDB of one's own that belongs to no replica set: it takes no transactions and has no change streams. */
export function startStandaloneMongodb(): Promise<MongodbServer> {
  return start('mongodb', startStandaloneMongodbContainer, startStandaloneMongodbBinary);
}

/** A RabbitMQ of one's own, to be ended and started at will. */
export function startRabbitmq(): Promise<RabbitmqServer> {
  return start('rabbitmq', startRabbitmqContainer, startRabbitmqBinary);
}

/** A Keycloak of one's own with the project's realm, to be ended and started at will. */
export function startKeycloak(): Promise<KeycloakServer> {
  return start('keycloak', startKeycloakContainer, startKeycloakBinary);
}

/** A Redis of one's own, set up as queues need it. */
export function startRedis(): Promise<RedisServer> {
  return start('redis', startRedisContainer, startRedisBinary);
}

/** A PostgreSQL of one's own. */
export function startPostgres(): Promise<PostgresServer> {
  return start('postgres', startPostgresContainer, startPostgresBinary);
}

/** An engine may answer and yet have no image and no way to fetch one: that is told, and the binary tried. */
async function start<T>(kind: ServerKind, container: () => Promise<T>, binary: () => Promise<T>): Promise<T> {
  if (!(await hasContainerEngine())) return binary();
  try {
    return await container();
  } catch (error) {
    console.warn(`No container with ${kind}: ${(error as Error).message}`);
    return binary();
  }
}

async function obtain<T extends Server>(
  kind: ServerKind,
  get: () => T | Promise<T>,
  log: (line: string) => void,
): Promise<T> {
  try {
    const server = await get();
    const from = { environment: 'the environment', container: 'a container', binary: 'package registries' }[
      server.source
    ];
    log(`server: ${kind} ${server.version} from ${from} at ${withoutPassword(server.url)}`);
    return server;
  } catch (error) {
    throw new Error(`No ${kind} to be had: ${(error as Error).message}`, { cause: error });
  }
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
