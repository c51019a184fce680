import {
  type MongodbServer,
  obtainServers,
  type RabbitmqServer,
  type Server,
  type Servers,
} from '@simple-scheduler/testkit';

/**
 * Settings as RabbitMQ is shipped. The test kit's brokers tell of their queues each second, so that tests hear of connections
 * soon, and may have 1 GiB, so that several fit beside each other: with a thousand queues the one costs a twentieth of a core,
 * and past half of the other, which a broker keeps after a burst, messages are moved to the disk.
 */
const AS_SHIPPED: readonly (readonly string[])[] = [
  ['eval', 'application:set_env(rabbit, collect_statistics_interval, 5000).'],
  ['set_vm_memory_high_watermark', '0.4'],
];

export interface BenchServers {
  readonly mongodb: MongodbServer;
  readonly rabbitmq: RabbitmqServer;
  /** What a peer works on; started when it is first asked for. */
  peerServer(kind: 'mongodb' | 'redis' | 'postgres'): Promise<Server>;
}

export async function obtainBenchServers(log: (line: string) => void): Promise<BenchServers & AsyncDisposable> {
  const { mongodb, rabbitmq, stop } = await obtainServers({ mongodb: true, rabbitmq: true }, { log });
  if (rabbitmq.source !== 'environment') for (const setting of AS_SHIPPED) await rabbitmq.control(...setting);
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
