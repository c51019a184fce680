import { exerciseStore } from '@simple-scheduler/conformance';
import { freshDatabase } from '@simple-scheduler/testkit';
import { sharedMongodb } from '@simple-scheduler/testkit/vitest';
import { type MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../src/connection/client.ts';
import { storeOn } from '../src/open-store.ts';
import { planOf, type SeenCommand, watchCommands } from './explain.ts';

const dbName = freshDatabase();
let client: MongoClient;
let seen: SeenCommand[];

beforeAll(async () => {
  const { url } = await sharedMongodb();
  const settings = {
    connectionString: url,
    dbName,
    appName: 'indexes',
    timeoutMs: 30_000,
    serverSelectionTimeoutMs: 5_000,
    monitorCommands: true,
  };
  client = createClient(settings);
  seen = watchCommands(client, dbName);
  const store = storeOn(client, { ...settings, log: undefined });
  await store.migrate();
  await store.migrate();
  await exerciseStore(store);
  // Statuses of several phases: read from as many places of the index, merged in order.
  for (const jobName of [undefined, 'report'])
    await store.listRuns({ limit: 10, statuses: ['running', 'failed', 'dead'], ...(jobName && { jobName }) });
});

afterAll(async () => {
  await client.db(dbName).dropDatabase();
  await client.close();
});

const inOrder = (a = '', b = ''): number => a.localeCompare(b);

describe('queries', () => {
  it('were all seen: one or more of each kind, on each collection', () => {
    const kinds = new Set(seen.map(({ command }) => Object.entries(command)[0]?.join(' ')));
    expect([...kinds].toSorted(inOrder)).toStrictEqual([
      'aggregate jobs',
      'aggregate managers',
      'aggregate runs',
      'delete jobs',
      'delete managers',
      'delete requests',
      'delete runs',
      'distinct jobs',
      'find jobs',
      'find managers',
      'find migrations',
      'find requests',
      'find runs',
      'findAndModify jobs',
      'findAndModify managers',
      'update jobs',
      'update requests',
      'update runs',
    ]);
    expect(seen.length).toBeGreaterThan(60);
  });

  it('are served by an index, in its order: none reads a whole collection, none sorts', async () => {
    const bad: string[] = [];
    for (const { shape, command } of seen) {
      const { stages } = await planOf(client.db(dbName), command);
      expect(stages, shape).not.toHaveLength(0);
      if (stages.some((stage) => ['COLLSCAN', 'SORT', '$sort'].includes(stage)))
        bad.push(`${stages.join(' ')}: ${shape}`);
    }
    expect(bad).toStrictEqual([]);
  });

  it('need every index there is', async () => {
    const used = new Set<string>();
    for (const { command } of seen)
      for (const index of (await planOf(client.db(dbName), command)).indexes) used.add(index);
    const present = await Promise.all(
      ['jobs', 'runs', 'managers', 'requests', 'migrations'].map((name) =>
        client.db(dbName).collection(name).indexes(),
      ),
    );
    const names = new Set(present.flat().map((index) => index.name));
    // `slot` is there to be unique.
    expect([...used, 'slot'].toSorted(inOrder)).toStrictEqual([...names].toSorted(inOrder));
  });
});

describe('the check itself', () => {
  it('finds a scan and a sort where an index is missing', async () => {
    const db = client.db(dbName);
    const scan = await planOf(db, { find: 'runs', filter: { error: 'x' }, sort: { error: 1 } });
    expect(scan.stages).toContain('COLLSCAN');
    expect(scan.stages).toContain('SORT');
    const update = await planOf(db, {
      update: 'jobs',
      updates: [{ q: { epoch: 1 }, u: { $set: { takeMark: new ObjectId() } } }],
    });
    expect(update.stages).toContain('COLLSCAN');
  });
});
