import type { GenericContainer, StartedTestContainer } from 'testcontainers';
import { type ServerLife, serverOf } from '../own-server.ts';
import { freePort } from '../ports.ts';
import type { KeycloakServer, MongodbServer, PostgresServer, RabbitmqServer, RedisServer } from '../server.ts';
import { waitFor } from '../wait-for.ts';
import { REALM, REALM_FILE } from './keycloak-realm.ts';
import { answers, initiate, isPrimary, REPLICA_SET, replicaSetUrl, standaloneUrl } from './mongodb-replication.ts';
import { isPostgresAlive, POSTGRES_USER } from './postgres.ts';
import { isAlive } from './rabbitmq-management.ts';
import { isRedisAlive, REDIS_SETTINGS } from './redis.ts';

const IMAGES = {
  mongodb: 'mongo:8',
  rabbitmq: 'rabbitmq:4-management',
  keycloak: 'quay.io/keycloak/keycloak:26.0',
  redis: 'redis:7',
  postgres: 'postgres:17',
} as const;

let engine: Promise<boolean> | undefined;

/**
 * True when a container engine of this machine answers (servers are reached through loopback). Loading the library takes
 * most of a second, so it is asked once at most.
 */
export function hasContainerEngine(): Promise<boolean> {
  engine ??= (async () => {
    const { getContainerRuntimeClient } = await import('testcontainers');
    try {
      const client = await getContainerRuntimeClient();
      await client.container.dockerode.ping();
      return ['localhost', '127.0.0.1'].includes(client.info.containerRuntime.host);
    } catch {
      return false;
    }
  })();
  return engine;
}

export async function startMongodbContainer(): Promise<MongodbServer> {
  const port = await freePort();
  // It listens on the same port inside and outside, since it is by its own address that a replica set knows itself.
  const container = (await image('mongodb'))
    .withExposedPorts({ container: port, host: port })
    .withCommand(['mongod', '--replSet', REPLICA_SET, '--bind_ip_all', '--port', String(port)]);
  const life = await startContainer('mongodb', container, async () => {
    await initiate([port]);
    return isPrimary(port);
  });
  return serverOf({ kind: 'mongodb', source: 'container', version: IMAGES.mongodb, url: replicaSetUrl([port]) }, life);
}

export async function startStandaloneMongodbContainer(): Promise<MongodbServer> {
  const port = await freePort();
  const container = (await image('mongodb')).withExposedPorts({ container: 27_017, host: port });
  const life = await startContainer('mongodb', container, () => answers(port));
  return serverOf({ kind: 'mongodb', source: 'container', version: IMAGES.mongodb, url: standaloneUrl(port) }, life);
}

export async function startRabbitmqContainer(): Promise<RabbitmqServer> {
  const [amqp, management] = [await freePort(), await freePort()];
  const managementUrl = `http://guest:guest@127.0.0.1:${management}`;
  const container = (await image('rabbitmq'))
    .withHostname('rabbitmq') // the data folder is named after the host: it must outlive a restart
    .withExposedPorts({ container: 5672, host: amqp }, { container: 15672, host: management });
  const life = await startContainer('rabbitmq', container, () => isAlive(managementUrl));
  const url = `amqp://guest:guest@127.0.0.1:${amqp}`;
  const control = (...args: string[]): Promise<string> => life.run(['rabbitmqctl', '-q', ...args]);
  return serverOf(
    { kind: 'rabbitmq', source: 'container', version: IMAGES.rabbitmq, url, managementUrl, control },
    life,
  );
}

export async function startKeycloakContainer(): Promise<KeycloakServer> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}/realms/${REALM}`;
  const container = (await image('keycloak'))
    .withExposedPorts({ container: 8080, host: port })
    .withCopyFilesToContainer([{ source: REALM_FILE, target: '/opt/keycloak/data/import/realm.json' }])
    .withEnvironment({ KC_BOOTSTRAP_ADMIN_USERNAME: 'admin', KC_BOOTSTRAP_ADMIN_PASSWORD: 'admin' })
    .withCommand(['start-dev', '--import-realm']);
  const life = await startContainer('keycloak', container, async () => {
    const discovery = await fetch(`${issuer}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(5_000) });
    await discovery.body?.cancel();
    return discovery.ok;
  });
  const url = `http://127.0.0.1:${port}`;
  return serverOf({ kind: 'keycloak', source: 'container', version: IMAGES.keycloak, url, issuer }, life);
}

export async function startRedisContainer(): Promise<RedisServer> {
  const port = await freePort();
  const container = (await image('redis'))
    .withExposedPorts({ container: 6379, host: port })
    .withCommand(['redis-server', ...REDIS_SETTINGS]);
  const life = await startContainer('redis', container, () => isRedisAlive(port));
  return serverOf(
    { kind: 'redis', source: 'container', version: IMAGES.redis, url: `redis://127.0.0.1:${port}` },
    life,
  );
}

export async function startPostgresContainer(): Promise<PostgresServer> {
  const port = await freePort();
  const container = (await image('postgres'))
    .withExposedPorts({ container: 5432, host: port })
    .withEnvironment({ POSTGRES_USER, POSTGRES_DB: 'postgres', POSTGRES_HOST_AUTH_METHOD: 'trust' });
  const life = await startContainer('postgres', container, () => isPostgresAlive(port));
  const url = `postgres://${POSTGRES_USER}@127.0.0.1:${port}/postgres`;
  return serverOf({ kind: 'postgres', source: 'container', version: IMAGES.postgres, url }, life);
}

async function image(kind: keyof typeof IMAGES): Promise<GenericContainer> {
  const testcontainers = await import('testcontainers');
  const container = new testcontainers.GenericContainer(IMAGES[kind]);
  // Whether it serves is asked from outside, by the same question as of a binary; here it only has to have come up.
  return container.withWaitStrategy(testcontainers.Wait.forListeningPorts()).withStartupTimeout(300_000);
}

interface ContainerLife extends ServerLife {
  /** Runs a command inside and returns what it printed. */
  run(command: string[]): Promise<string>;
}

async function startContainer(
  name: string,
  container: GenericContainer,
  ready: () => Promise<boolean>,
): Promise<ContainerLife> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const started: StartedTestContainer = await container.start();
  const handle = (await getContainerRuntimeClient()).container.getById(started.getId());
  let pid: number | undefined;
  const serving = async (): Promise<void> => {
    await waitFor(ready, { timeoutMs: 180_000, intervalMs: 100, message: `the ${name} container to answer` });
    pid = (await handle.inspect()).State.Pid;
  };
  await serving();
  return {
    get pid() {
      return pid;
    },
    start: async () => {
      if (pid !== undefined) return;
      await handle.start();
      await serving();
    },
    stop: async () => {
      pid = undefined;
      await handle.stop({ t: 30 });
    },
    kill: async () => {
      pid = undefined;
      await handle.kill();
    },
    run: async (command) => {
      const { exitCode, output } = await started.exec(command);
      if (exitCode !== 0)
        throw new Error(`${command.join(' ')} in the ${name} container ended with ${exitCode}:\n${output}`);
      return output;
    },
    pause: async () => void (await handle.pause()),
    unpause: async () => void (await handle.unpause()),
    remove: async () => {
      await handle.remove({ force: true, v: true }).catch((error: { statusCode?: number }) => {
        if (error.statusCode !== 404) throw error;
      });
    },
  };
}
