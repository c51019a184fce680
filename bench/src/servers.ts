import {
  type MongodbServer,
  obtainServers,
  type RabbitmqServer,
  type Server,
  type Servers,
} from '@simple-scheduler/testkit';
import { setAsShipped } from './as-shipped.ts';

export interface BenchServers {
  readonly mongodb: MongodbServer;
  readonly rabbitmq: RabbitmqServer;
  /** What a peer works on; started when it is first asked for. */
  peerServer(kind: 'mongodb' | 'redis' | 'postgres'): Promise<Server>;
}

/** `wiredTiger`: settings of MongoDB's storage engine that are not as shipped. */
export async function obtainBenchServers(
  log: (line: string) => void,
  { wiredTiger = '' }: { wiredTiger?: string } = {},
): Promise<BenchServers & AsyncDisposable> {
  const { mongodb, rabbitmq, stop } = await obtainServers({ mongodb: true, rabbitmq: true }, { log });
  await setAsShipped({ mongodb, rabbitmq }, wiredTiger);
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
