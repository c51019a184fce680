import { changeFeedSuite } from '@simple-scheduler/conformance';
import { NoChangeFeedError } from '@simple-scheduler/engine';
import { freshDatabase, startStandaloneMongodb } from '@simple-scheduler/testkit';
import { sharedMongodb } from '@simple-scheduler/testkit/vitest';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openMongoStore } from '../src/index.ts';

const dbName = freshDatabase();
let url: string;
let client: MongoClient;

beforeAll(async () => {
  ({ url } = await sharedMongodb());
  client = new MongoClient(url);
});

afterAll(async () => {
  await client.db(dbName).dropDatabase();
  await client.close();
});

changeFeedSuite('store-mongodb', async () => {
  const appName = freshDatabase();
  const store = await openMongoStore({ connectionString: url, dbName, appName });
  const second = await openMongoStore({ connectionString: url, dbName });
  return {
    store,
    second,
    // A time in the seventies: an oplog that goes back that far has not been seen.
    age: async (cursor) => `8200000001${cursor.slice(10)}`,
    cutConnections: async () => {
      const admin = client.db('admin');
      const { inprog } = await admin.command({ currentOp: 1, $all: true, appName });
      for (const { opid } of (inprog as { opid?: number }[]).filter((each) => each.opid !== undefined))
        await admin.command({ killOp: 1, op: opid });
    },
    close: async () => {
      await Promise.all([store.close(), second.close()]);
      await Promise.all(['jobs', 'runs', 'managers'].map((name) => client.db(dbName).collection(name).deleteMany({})));
    },
  };
});

it('says what it takes where the server keeps no log of its changes', async () => {
  await using server = await startStandaloneMongodb();
  const store = await openMongoStore({ connectionString: server.url, dbName });
  await store.migrate();
  const { signal } = new AbortController();
  for (const after of [undefined, 'X', `82${'0'.repeat(60)}`]) {
    const first = store.changes.follow(after, signal)[Symbol.asyncIterator]().next();
    const error: unknown = await first.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NoChangeFeedError);
    expect(error).toMatchObject({ retryable: false, message: expect.stringContaining('replica set') });
  }
  await store.close();
});
