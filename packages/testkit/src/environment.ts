import { foreignLife, serverOf } from './own-server.ts';
import type {
  KeycloakServer,
  MongodbServer,
  PostgresServer,
  RabbitmqServer,
  RedisServer,
  Server,
  ServerKind,
} from './server.ts';
import { REALM } from './servers/keycloak-realm.ts';

/** The variables that give tests the addresses of running servers. */
export const VARIABLES = {
  mongodb: 'SIMPLE_SCHEDULER_TEST_MONGODB',
  rabbitmq: 'SIMPLE_SCHEDULER_TEST_RABBITMQ',
  rabbitmqManagement: 'SIMPLE_SCHEDULER_TEST_RABBITMQ_MANAGEMENT',
  keycloak: 'SIMPLE_SCHEDULER_TEST_KEYCLOAK',
  redis: 'SIMPLE_SCHEDULER_TEST_REDIS',
  postgres: 'SIMPLE_SCHEDULER_TEST_POSTGRES',
} as const;

/** `mongodb://…` of a replica set, if only of one member. */
export function mongodbFromEnvironment(): MongodbServer | undefined {
  const url = process.env[VARIABLES.mongodb];
  if (!url) return undefined;
  return serverOf({ kind: 'mongodb', source: 'environment', version: 'as given', url }, foreignLife(VARIABLES.mongodb));
}

/** `amqp://user:password@host:port`; the management API is taken to be on port 15672 of the same host unless given too. */
export function rabbitmqFromEnvironment(): RabbitmqServer | undefined {
  const url = process.env[VARIABLES.rabbitmq];
  if (!url) return undefined;
  const managementUrl = process.env[VARIABLES.rabbitmqManagement] || managementOf(url);
  const control = async (): Promise<never> => {
    throw new Error(`The server was given by ${VARIABLES.rabbitmq}: tests may use it, not control it`);
  };
  return serverOf(
    {
      kind: 'rabbitmq',
      source: 'environment',
      version: 'as given',
      url,
      managementUrl: managementUrl.replace(/\/$/, ''),
      control,
    },
    foreignLife(VARIABLES.rabbitmq),
  );
}

/** `http://host:port` of a Keycloak that has imported the project's realm. */
export function keycloakFromEnvironment(): KeycloakServer | undefined {
  const url = process.env[VARIABLES.keycloak]?.replace(/\/$/, '');
  if (!url) return undefined;
  return serverOf(
    { kind: 'keycloak', source: 'environment', version: 'as given', url, issuer: `${url}/realms/${REALM}` },
    foreignLife(VARIABLES.keycloak),
  );
}

/** `redis://host:port` */
export function redisFromEnvironment(): RedisServer | undefined {
  const url = process.env[VARIABLES.redis];
  if (!url) return undefined;
  return serverOf({ kind: 'redis', source: 'environment', version: 'as given', url }, foreignLife(VARIABLES.redis));
}

/** `postgres://user:password@host:port/database` of a user who may create databases. */
export function postgresFromEnvironment(): PostgresServer | undefined {
  const url = process.env[VARIABLES.postgres];
  if (!url) return undefined;
  return serverOf(
    { kind: 'postgres', source: 'environment', version: 'as given', url },
    foreignLife(VARIABLES.postgres),
  );
}

/** The variables under which another process finds these servers. */
export function environmentFor(servers: Partial<Record<ServerKind, Server>>): Record<string, string> {
  const { mongodb, rabbitmq, keycloak, redis, postgres } = servers;
  return {
    ...(mongodb === undefined ? {} : { [VARIABLES.mongodb]: mongodb.url }),
    ...(rabbitmq === undefined
      ? {}
      : {
          [VARIABLES.rabbitmq]: rabbitmq.url,
          [VARIABLES.rabbitmqManagement]: (rabbitmq as RabbitmqServer).managementUrl,
        }),
    ...(keycloak === undefined ? {} : { [VARIABLES.keycloak]: keycloak.url }),
    ...(redis === undefined ? {} : { [VARIABLES.redis]: redis.url }),
    ...(postgres === undefined ? {} : { [VARIABLES.postgres]: postgres.url }),
  };
}

function managementOf(amqpUrl: string): string {
  const url = new URL(amqpUrl);
  const user = url.username === '' ? 'guest:guest' : `${url.username}:${url.password}`;
  return `http://${user}@${url.hostname}:15672`;
}
