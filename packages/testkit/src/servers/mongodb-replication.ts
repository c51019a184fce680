import { MongoClient, MongoServerError } from 'mongodb';

/** Test servers belong to a replica set of this name, if only of one, unless asked to stand alone. */
export const REPLICA_SET = 'rs0';

export function replicaSetUrl(ports: readonly number[]): string {
  return `mongodb://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/?replicaSet=${REPLICA_SET}`;
}

export function standaloneUrl(port: number): string {
  return `mongodb://127.0.0.1:${port}/`;
}

/** Talks to the one member at this port, whatever its role. */
export function memberUrl(port: number): string {
  return `mongodb://127.0.0.1:${port}/?directConnection=true`;
}

/** True when the member at `port` answers at all. */
export async function answers(port: number): Promise<boolean> {
  return withMember(port, async (client) => (await client.db('admin').command({ ping: 1 }))['ok'] === 1);
}

/** True when the member at `port` takes writes. */
export async function isPrimary(port: number): Promise<boolean> {
  return withMember(
    port,
    async (client) => (await client.db('admin').command({ hello: 1 }))['isWritablePrimary'] === true,
  );
}

/**
 * Makes the members at `ports` one replica set, through the first of them; one that is initiated already stays as it is.
 * Members are named by address, since by default they would take the machine's host name. They and their clients reach
 * each other at `known`, in the same order.
 */
export async function initiate(ports: readonly number[], known: readonly number[] = ports): Promise<void> {
  const members = known.map((port, id) => ({ _id: id, host: `127.0.0.1:${port}` }));
  // A lost primary is replaced after 2 s instead of 10: tests that kill one wait for that.
  const settings = { electionTimeoutMillis: 2_000, heartbeatIntervalMillis: 500 };
  await withMember(ports[0] as number, async (client) => {
    try {
      await client.db('admin').command({ replSetInitiate: { _id: REPLICA_SET, members, settings } });
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.codeName !== 'AlreadyInitialized') throw error;
    }
  });
}

/** Makes the primary at `port` give up its part for `seconds`, once another member has caught up with it. */
export async function stepDown(port: number, seconds: number): Promise<void> {
  const command = { replSetStepDown: seconds, secondaryCatchUpPeriodSecs: Math.max(1, seconds - 1) };
  await withMember(port, (client) => client.db('admin').command(command));
}

/** True when the primary at `port` sees every member of its replica set taking part. */
export async function isWhole(port: number): Promise<boolean> {
  return withMember(port, async (client) => {
    const { members } = await client.db('admin').command({ replSetGetStatus: 1 });
    return (members as { stateStr: string }[]).every(({ stateStr }) => ['PRIMARY', 'SECONDARY'].includes(stateStr));
  });
}

async function withMember<T>(port: number, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(memberUrl(port), { serverSelectionTimeoutMS: 1_000, connectTimeoutMS: 1_000 });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
