import { storeSuite } from '@simple-scheduler/conformance';
import { freshDatabase } from '@simple-scheduler/testkit';
import { sharedMongodb } from '@simple-scheduler/testkit/vitest';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll } from 'vitest';
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

storeSuite('store-mongodb', async () => {
  const open = () => openMongoStore({ connectionString: url, dbName });
  const [store, second] = await Promise.all([open(), open()]);
  return {
    store,
    second,
    open,
    close: async () => {
      await Promise.all([store.close(), second.close()]);
      // Emptied rather than dropped: building the indexes anew for each test would take longer than most tests.
      await Promise.all(
        ['jobs', 'runs', 'managers', 'requests'].map((name) => client.db(dbName).collection(name).deleteMany({})),
      );
    },
  };
});
