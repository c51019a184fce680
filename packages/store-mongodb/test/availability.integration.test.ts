import { jobRecord, runRecord } from '@simple-scheduler/conformance';
import { type Log, type Store, StoreUnavailableError } from '@simple-scheduler/engine';
import {
  freshDatabase,
  type MongodbServer,
  startMongodb,
  startMongodbReplicaSet,
  startStandaloneMongodb,
  waitFor,
} from '@simple-scheduler/testkit';
import { exerciseStore } from '@simple-scheduler/conformance';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type MongoStoreOptions, openMongoStore } from '../src/index.ts';

const TIMEOUT_MS = 2_000;
/** A call must not take much longer than it may: the deadline, and a machine that is busy with other tests. */
const PATIENCE_MS = TIMEOUT_MS + 1_500;

const opened: Store[] = [];

async function open(connectionString: string, options: Partial<MongoStoreOptions> = {}): Promise<Store> {
  const store = await openMongoStore({
    connectionString,
    dbName: freshDatabase(),
    timeoutMs: TIMEOUT_MS,
    serverSelectionTimeoutMs: 500,
    ...options,
  });
  opened.push(store);
  return store;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});

async function expectUnavailable(call: Promise<unknown>): Promise<void> {
  const begunAt = performance.now();
  await expect(call).rejects.toThrow(StoreUnavailableError);
  expect(performance.now() - begunAt).toBeLessThan(PATIENCE_MS);
}

const answersAgain = (store: Store): Promise<boolean> =>
  waitFor(() => store.ping().then(() => true), { timeoutMs: 30_000, message: 'the store to answer again' });

describe('a store whose server comes and goes', () => {
  let server: MongodbServer;

  beforeAll(async () => {
    server = await startMongodb();
  });
  afterAll(() => server.remove());

  it('opens while the server is away, says so, and works once it is there', async () => {
    await server.stop();
    const store = await open(server.url);
    await expectUnavailable(store.ping());
    await expectUnavailable(store.migrate());
    await expectUnavailable(store.insertRuns([runRecord()]));
    await server.start();
    await store.ping();
    await store.migrate();
    expect(await store.insertRuns([runRecord()])).toStrictEqual(['created']);
  });

  it.each([
    ['ends in good order', (): Promise<void> => server.stop()],
    ['is killed', (): Promise<void> => server.kill()],
  ])('keeps what was acknowledged when the server %s, rejects meanwhile and goes on by itself', async (_title, end) => {
    const lines: string[] = [];
    const log: Log = {
      debug: () => {},
      info: (_, message) => void lines.push(message),
      warn: (_, message) => void lines.push(message),
      error: (_, message) => void lines.push(message),
    };
    const store = await open(server.url, { log });
    await store.migrate();
    const [job, run] = [jobRecord(), runRecord()];
    await store.insertJob(job);
    await store.insertRuns([run]);
    await end();
    await expectUnavailable(store.getJob(job.name));
    await expectUnavailable(store.updateRuns([{ id: run.id, rev: 0, change: { set: { message: 'x' }, unset: [] } }]));
    await expectUnavailable(store.ping());
    await server.start();
    await answersAgain(store);
    expect(await store.getJob(job.name)).toStrictEqual(job);
    expect(await store.getRun(run.id)).toStrictEqual(run);
    expect(lines.filter((line) => line.startsWith('MongoDB is'))).toStrictEqual([
      'MongoDB is available',
      'MongoDB is not available',
      'MongoDB is available',
    ]);
  });

  it('does not hang on a server that does not answer', async () => {
    const store = await open(server.url);
    await store.migrate();
    const run = runRecord();
    await store.insertRuns([run]);
    await server.pause();
    try {
      await Promise.all([
        expectUnavailable(store.getRun(run.id)),
        expectUnavailable(store.insertRuns([runRecord()])),
        expectUnavailable(store.listRuns({ limit: 5 })),
        expectUnavailable(store.ping()),
      ]);
    } finally {
      await server.unpause();
    }
    await answersAgain(store);
    expect(await store.getRun(run.id)).toStrictEqual(run);
  });

  it('rejects calls after its end, and ends twice', async () => {
    const store = await open(server.url);
    await store.ping();
    await store.close();
    await store.close();
    await expectUnavailable(store.ping());
    const never = await open(server.url);
    await never.close();
    await expectUnavailable(never.getJob('a'));
  });
});

describe('a replica set that loses its primary', () => {
  it('keeps every acknowledged write, and takes writes again after the election', async () => {
    await using set = await startMongodbReplicaSet();
    const store = await open(set.url);
    await store.migrate();
    const acknowledged: string[] = [];
    let killed = false;
    let sinceElection = 0;
    const primary = await set.primary();
    const writing = waitFor(
      async () => {
        const batch = Array.from({ length: 20 }, () => runRecord());
        await store.insertRuns(batch);
        acknowledged.push(...batch.map((run) => run.id));
        if (killed) sinceElection += 1;
        return sinceElection >= 5;
      },
      { timeoutMs: 60_000, intervalMs: 1, message: 'writes after the election' },
    );
    await waitFor(() => acknowledged.length >= 200, { message: 'some writes before the kill' });
    await primary.kill();
    killed = true;
    await writing;
    const stored = new Set<string>();
    for (let start = 0; start < acknowledged.length; start += 500)
      for (const run of await store.getRuns(acknowledged.slice(start, start + 500))) stored.add(run.id);
    expect(acknowledged.filter((id) => !stored.has(id))).toStrictEqual([]);
  });
});

describe('a server without replica set', () => {
  it('serves every call, and is warned about', async () => {
    await using server = await startStandaloneMongodb();
    const warnings: string[] = [];
    const log: Log = { debug: () => {}, info: () => {}, warn: (_, line) => void warnings.push(line), error: () => {} };
    const store = await open(server.url, { log, timeoutMs: 10_000 });
    await store.migrate();
    expect(warnings.join()).toContain('no replica set');
    await exerciseStore(store);
    const run = runRecord();
    expect(await store.insertRuns([run, { ...run, id: runRecord().id }])).toStrictEqual(['created', 'exists']);
    const update = { id: run.id, rev: 0, change: { set: { message: 'x' }, unset: [] } };
    expect(await store.updateRuns([update])).toStrictEqual(['updated']);
    expect(await store.updateRuns([update])).toStrictEqual(['conflict']);
    await server.kill();
    await server.start();
    await answersAgain(store);
    expect(await store.getRun(run.id)).toStrictEqual({ ...run, message: 'x', rev: 1 });
  });
});
