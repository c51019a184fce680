import {
  type MongodbReplicaSet,
  type RabbitmqServer,
  startMongodbReplicaSet,
  startRabbitmq,
} from '@simple-scheduler/testkit';
import type { Network } from '../network/network.ts';

/** Real servers of this run alone, and the way to them through the network. */
export interface Servers extends AsyncDisposable {
  readonly mongodb: MongodbReplicaSet;
  readonly rabbitmq: RabbitmqServer;
  /** The connection strings of one process. */
  addressesFor(process: string): Promise<{ readonly mongodb: string; readonly rabbitmq: string }>;
}

/** Links to the members of the replica set end at these. */
export const mongodbMember = (index: number): string => `mongodb-${index + 1}`;

/**
 * MongoDB's members are known by the ports of doors, so clients are led through them by the replica set itself, all
 * clients through the same: who they are is seen by the application name in their first message. Members who talk to
 * each other have no such name.
 */
export async function startServers(network: Network): Promise<Servers> {
  const [mongodb, rabbitmq] = await Promise.all([
    startMongodbReplicaSet({
      members: 3,
      portFor: async (port, index) => (await network.openDoor({ from: appName, to: mongodbMember(index), port })).port,
    }),
    startRabbitmq(),
  ]);
  return {
    mongodb,
    rabbitmq,
    addressesFor: async (process) => {
      const broker = new URL(rabbitmq.url);
      const door = await network.openDoor({ from: process, to: 'rabbitmq', port: Number(broker.port) });
      broker.port = String(door.port);
      return { mongodb: `${mongodb.url}&appName=${MARK}${process}${MARK}`, rabbitmq: broker.href };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.allSettled([mongodb.remove(), rabbitmq.remove()]);
    },
  };
}

const MARK = '~';

function appName(firstBytes: Buffer): string {
  const [, name] = /~([a-z0-9-]+)~/.exec(firstBytes.toString('latin1')) ?? [];
  return name ?? 'mongod';
}
