import { changeFeedSuite, jobRecord } from '@simple-scheduler/conformance';
import { type ChangeBatch, NoChangeFeedError } from '@simple-scheduler/engine';
import { freshDatabase, startStandaloneMongodb, waitFor } from '@simple-scheduler/testkit';
import { sharedMongodb } from '@simple-scheduler/testkit/vitest';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { JobNames } from '../src/changes/job-names.ts';
import { createClient } from '../src/connection/client.ts';
import { Connection } from '../src/connection/connection.ts';
import { databaseOn } from '../src/database.ts';
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

it('says that all is lost when the database is dropped, also to who comes back later, and goes on', async () => {
  const name = freshDatabase();
  const store = await openMongoStore({ connectionString: url, dbName: name });
  await store.migrate();
  const abort = new AbortController();
  const follow = (after?: string): { batches: ChangeBatch[]; ended: Promise<void> } => {
    const batches: ChangeBatch[] = [];
    const read = async (): Promise<void> => {
      for await (const batch of store.changes.follow(after, abort.signal)) batches.push(batch);
    };
    return { batches, ended: read() };
  };
  const hears = ({ batches }: { batches: ChangeBatch[] }, job: string): Promise<unknown> =>
    waitFor(() => batches.some(({ changes }) => changes.some(({ id }) => id === job)));
  const follower = follow();
  await waitFor(() => follower.batches.length > 0);
  await store.insertJob(jobRecord({ name: 'before' }));
  await hears(follower, 'before');
  await client.db(name).dropDatabase();
  await waitFor(() => follower.batches.some(({ lost }) => lost));
  const late = follow(follower.batches[0]?.cursor);
  await waitFor(() => late.batches.some(({ lost }) => lost));
  await store.insertJob(jobRecord({ name: 'after' }));
  for (const each of [follower, late]) {
    await hears(each, 'after');
    expect(each.batches.filter(({ lost }) => lost)).toHaveLength(1);
  }
  abort.abort();
  await Promise.all([follower.ended, late.ended]);
  await store.close();
  await client.db(name).dropDatabase();
});

it('knows the names that it was asked for, however many others it forgets for them', async () => {
  const name = freshDatabase();
  const store = await openMongoStore({ connectionString: url, dbName: name });
  await store.migrate();
  const jobs = ['a', 'b', 'c', 'd'].map((job) => jobRecord({ name: job }));
  for (const job of jobs) await store.insertJob(job);
  const settings = { connectionString: url, appName: 'names', timeoutMs: 10_000, serverSelectionTimeoutMs: 5_000 };
  const own = createClient(settings);
  const redact = (text: string): string => text;
  const connection = new Connection({ client: own, dbName: name, timeoutMs: 10_000, redact, log: undefined });
  const names = new JobNames(databaseOn(connection), 2);
  const [a, b, c, d] = jobs.map(({ uid }) => uid) as [string, string, string, string];
  expect(Object.fromEntries(await names.find([a, b]))).toEqual({ [a]: 'a', [b]: 'b' });
  expect(Object.fromEntries(await names.find([a, c, b, d]))).toEqual({ [a]: 'a', [b]: 'b', [c]: 'c', [d]: 'd' });
  await connection.close();
  await store.close();
  await client.db(name).dropDatabase();
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
