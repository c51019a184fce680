import { freePort } from '../ports.ts';
import type { MongodbServer } from '../server.ts';
import { waitFor } from '../wait-for.ts';
import { startMongodbMemberBinary } from './mongodb.ts';
import { initiate, isPrimary, isWhole, replicaSetUrl, stepDown } from './mongodb-replication.ts';

export interface MongodbReplicaSet extends AsyncDisposable {
  /** Names all members. */
  readonly url: string;
  /** The url of each goes to that member only, whatever its role. */
  readonly members: readonly MongodbServer[];
  /** The member that takes writes; waits for an election to end. */
  primary(): Promise<MongodbServer>;
  /** Makes the primary leave its part to another member; it stays out of it for `seconds`. */
  stepDown(seconds: number): Promise<void>;
  /** Resolves when all members take part. */
  whole(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * A private replica set of several members on this machine, for tests that kill or pause some of them. Always of binaries:
 * members in containers of their own could not reach each other under the addresses that clients use.
 */
export async function startMongodbReplicaSet({
  members: count = 3,
  portFor = async (port) => port,
}: {
  members?: number;
  /**
   * The port at which everyone, the other members included, reaches the member at `port`: that of a proxy. The urls of
   * single members lead past it.
   */
  portFor?: (port: number, index: number) => Promise<number>;
} = {}): Promise<MongodbReplicaSet> {
  const ports = await Promise.all(Array.from({ length: count }, () => freePort()));
  const known = await Promise.all(ports.map(portFor));
  const members = await Promise.all(ports.map((port) => startMongodbMemberBinary(port)));
  await initiate(ports, known);
  const primary = (): Promise<MongodbServer> =>
    waitFor(
      async () => {
        const answers = await Promise.all(ports.map((port) => isPrimary(port).catch(() => false)));
        return members[answers.indexOf(true)];
      },
      { timeoutMs: 30_000, message: 'the replica set to have a primary' },
    );
  await primary();
  const portOfPrimary = async (): Promise<number> => ports[members.indexOf(await primary())] as number;
  const remove = async (): Promise<void> => {
    await Promise.all(members.map((member) => member.remove()));
  };
  return {
    url: replicaSetUrl(known),
    members,
    primary,
    stepDown: async (seconds) => stepDown(await portOfPrimary(), seconds),
    whole: async () => {
      await waitFor(async () => isWhole(await portOfPrimary()), {
        timeoutMs: 60_000,
        intervalMs: 100,
        message: 'all members to take part',
      });
    },
    remove,
    [Symbol.asyncDispose]: remove,
  };
}
