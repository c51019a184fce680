import { freePort } from '../ports.ts';
import type { MongodbServer } from '../server.ts';
import { waitFor } from '../wait-for.ts';
import { startMongodbMemberBinary } from './mongodb.ts';
import { initiate, isPrimary, replicaSetUrl } from './mongodb-replication.ts';

export interface MongodbReplicaSet extends AsyncDisposable {
  /** Names all members. */
  readonly url: string;
  /** The url of each goes to that member only, whatever its role. */
  readonly members: readonly MongodbServer[];
  /** The member that takes writes; waits for an election to end. */
  primary(): Promise<MongodbServer>;
  remove(): Promise<void>;
}

/**
 * A private replica set of several members on this machine, for tests that kill or pause some of them. Always of binaries:
 * members in containers of their own could not reach each other under the addresses that clients use.
 */
export async function startMongodbReplicaSet({
  members: count = 3,
}: {
  members?: number;
} = {}): Promise<MongodbReplicaSet> {
  const ports = await Promise.all(Array.from({ length: count }, () => freePort()));
  const members = await Promise.all(ports.map((port) => startMongodbMemberBinary(port)));
  await initiate(ports);
  const primary = (): Promise<MongodbServer> =>
    waitFor(
      async () => {
        const answers = await Promise.all(ports.map((port) => isPrimary(port).catch(() => false)));
        return members[answers.indexOf(true)];
      },
      { timeoutMs: 30_000, message: 'the replica set to have a primary' },
    );
  await primary();
  const remove = async (): Promise<void> => {
    await Promise.all(members.map((member) => member.remove()));
  };
  return { url: replicaSetUrl(ports), members, primary, remove, [Symbol.asyncDispose]: remove };
}
