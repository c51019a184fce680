import {
  type MongodbServer,
  obtainServers,
  type RabbitmqServer,
  type Server,
  type Servers,
} from '@simple-scheduler/testkit';

/**
 * How often queues and channels tell of themselves, in ms: as RabbitMQ is shipped. The test kit's brokers do so each second, so
 * that tests hear of connections soon; with a thousand queues that costs a twentieth of a core.
 */
const SHIPPED_STATISTICS = 'application:set_env(rabbit, collect_statistics_interval, 5000).';

export interface BenchServers {
  readonly mongodb: MongodbServer;
  readonly rabbitmq: RabbitmqServer;
  /** What a peer works on; started when it is first asked for. */
  peerServer(kind: 'mongodb' | 'redis' | 'postgres'): Promise<Server>;
}

export async function obtainBenchServers(log: (line: string) => void): Promise<BenchServers & AsyncDisposable> {
  const { mongodb, rabbitmq, stop } = await obtainServers({ mongodb: true, rabbitmq: true }, { log });
  if (rabbitmq.source !== 'environment') await rabbitmq.control('eval', SHIPPED_STATISTICS);
  let redis: Promise<Servers<{ redis: true }>> | undefined;
  let postgres: Promise<Servers<{ postgres: true }>> | undefined;
  return {
    mongodb,
    rabbitmq,
    peerServer: async (kind) => {
      if (kind === 'mongodb') return mongodb;
      if (kind === 'redis') return (await (redis ??= obtainServers({ redis: true }, { log }))).redis;
      return (await (postgres ??= obtainServers({ postgres: true }, { log }))).postgres;
    },
    [Symbol.asyncDispose]: async () => {
      const others = await Promise.allSettled([redis, postgres]);
      for (const other of others) if (other.status === 'fulfilled') await other.value?.stop();
      await stop();
    },
  };
}
