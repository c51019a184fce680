import { fullJobRecord, runRecord, T0 } from '@simple-scheduler/conformance';
import type { RunStatus } from '@simple-scheduler/contracts/vocabulary';
import type { JobQuery, RunQuery, Store } from '@simple-scheduler/engine';
import { freshDatabase } from '@simple-scheduler/testkit';
import { sharedMongodb } from '@simple-scheduler/testkit/vitest';
import type { CommandStartedEvent, Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../src/connection/client.ts';
import { storeOn } from '../src/open-store.ts';

const JOBS = 1_000;
const RUNS = 4_000;
const PAGE = 20;
/** Documents looked at for one that is returned, where several labels go together. */
const WASTE_MAX = 4;

const dbName = freshDatabase();
let client: MongoClient;
let store: Store;
let lastFind: Document | undefined;

beforeAll(async () => {
  const { url } = await sharedMongodb();
  const settings = {
    connectionString: url,
    dbName,
    appName: 'list costs',
    timeoutMs: 30_000,
    serverSelectionTimeoutMs: 5_000,
    monitorCommands: true,
  };
  client = createClient(settings);
  client.on('commandStarted', ({ commandName, databaseName, command }: CommandStartedEvent) => {
    if (databaseName === dbName && commandName === 'find') lastFind = command;
  });
  store = storeOn(client, { ...settings, log: undefined });
  await store.migrate();
  await Promise.all(Array.from({ length: JOBS }, (_, i) => store.insertJob(jobAt(i))));
  for (let first = 0; first < RUNS; first += 1_000)
    await store.insertRuns(Array.from({ length: 1_000 }, (_, i) => runAt(first + i)));
});

afterAll(async () => {
  await client.db(dbName).dropDatabase();
  await store.close();
});

const nameAt = (i: number): string => `job-${String(i).padStart(4, '0')}`;

const jobAt = (i: number) =>
  fullJobRecord({
    name: nameAt(i),
    enabled: i % 10 !== 0,
    meta: { team: `t${i % 5}`, tier: String(i % 3), ...(i % 250 === 0 ? { rare: 'yes' } : {}) },
  });

/** The newest hundreds are live, one of them is being cancelled; rare among the others are those that were cancelled. */
function runAt(i: number) {
  const live = i >= RUNS - 500;
  const ended: RunStatus =
    i % 1_000 === 11 ? 'cancelled' : i % 2 === 0 ? 'skipped' : i % 9 === 0 ? 'failed' : 'completed';
  const status: RunStatus = !live ? ended : i === RUNS - 400 ? 'cancelling' : 'running';
  const started = status === 'skipped' ? {} : { startedAt: T0 + i, heartbeatAt: T0 + i };
  return runRecord({ createdAt: T0 + i, jobName: nameAt(i % 10), status, ...started });
}

/** How many documents the server looks at for the list that was asked for last. */
async function costOf(list: () => Promise<{ length: number }>): Promise<{ returned: number; documents: number }> {
  const { length } = await list();
  const { find, filter, sort, hint, limit } = lastFind ?? {};
  const explained = await client
    .db(dbName)
    .command({ explain: { find, filter, sort, hint, limit }, verbosity: 'executionStats' });
  return { returned: length, documents: (explained['executionStats'] as Document)['totalDocsExamined'] as number };
}

describe('a page costs what it holds', () => {
  it.each<[string, Omit<JobQuery, 'limit'>]>([
    ['nothing asked for', {}],
    ['enabled', { enabled: true }],
    ['disabled', { enabled: false }],
    ['a prefix', { namePrefix: 'job-05' }],
    ['a name', { name: nameAt(7) }],
    ['a label', { meta: { team: 't1' } }],
    ['a rare label', { meta: { rare: 'yes' } }],
    ['a label that there is none of', { meta: { team: 'none' } }],
    ['two labels', { meta: { team: 't1', tier: '2' } }],
    ['a common and a rare label', { meta: { tier: '0', rare: 'yes' } }],
    ['disabled, with a label', { enabled: false, meta: { tier: '1' } }],
    ['disabled, with a label that only others have', { enabled: false, meta: { team: 't1' } }],
    ['a prefix, with a label', { namePrefix: 'job-09', meta: { tier: '1' } }],
  ])('of jobs, by %s', async (_title, query) => {
    for (const after of [{}, { after: nameAt(JOBS / 2) }]) {
      const { returned, documents } = await costOf(
        async () => (await store.listJobs({ ...query, ...after, limit: PAGE })).jobs,
      );
      expect(documents).toBeLessThanOrEqual((returned + 1) * WASTE_MAX);
    }
  });

  it.each<[string, Omit<RunQuery, 'limit'>]>([
    ['nothing asked for', {}],
    ['a status', { statuses: ['failed'] }],
    ['a rare status', { statuses: ['cancelled'] }],
    ['a live status', { statuses: ['running'] }],
    ['a rare live status', { statuses: ['cancelling'] }],
    ['several statuses', { statuses: ['failed', 'cancelled', 'running'] }],
    ['a job', { jobName: nameAt(3) }],
    ['a job and a status', { jobName: nameAt(3), statuses: ['completed'] }],
    ['a job that there is none of', { jobName: 'none' }],
    ['an early creation', { createdBefore: T0 + 500 }],
    ['a span of creation', { createdAfter: T0 + 300, createdBefore: T0 + 310 }],
    ['a span of creation and a status', { createdAfter: T0 + 300, createdBefore: T0 + 900, statuses: ['failed'] }],
    // As the use case asks the store: see `listRuns` of the engine.
    ['a start', { startedBefore: T0 + 900, createdBefore: T0 + 900, statuses: ['completed', 'failed', 'running'] }],
  ])('of runs, by %s', async (_title, query) => {
    const middle = (await store.listRuns({ limit: 1, createdBefore: T0 + RUNS / 2 })).next;
    for (const after of [{}, middle === undefined ? {} : { after: middle }]) {
      const { returned, documents } = await costOf(
        async () => (await store.listRuns({ ...query, ...after, limit: PAGE })).runs,
      );
      expect(documents).toBeLessThanOrEqual((returned + 1) * WASTE_MAX);
    }
  });
});
