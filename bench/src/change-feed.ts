/**
 * What `GET /api/events` costs the writes that it tells of: runs through their life on the store alone, with and without.
 * On SQLite the table of changes is there or not; on MongoDB, on a server of its own, somebody follows or not. Besides the
 * rate it takes the CPU time per run, which other work on the machine disturbs less.
 *
 *     node --conditions=x-source bench/src/change-feed.ts
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { jobRecord, runRecord } from '@simple-scheduler/conformance';
import type { Store } from '@simple-scheduler/engine';
import { openMongoStore } from '@simple-scheduler/store-mongodb';
import { openSqliteStore } from '@simple-scheduler/store-sqlite';
import { freshDatabase, startMongodb } from '@simple-scheduler/testkit';
import { MongoClient } from 'mongodb';
import { serverCpuUs } from './server-cpu.ts';

const ROUNDS = 5;
const GATHER_MS = 20;
const SIZES = [
  { batch: 100, runs: 5_000 },
  { batch: 1, runs: 200 },
];

type Size = (typeof SIZES)[number];
interface Cost {
  readonly runsPerSecond: number;
  /** CPU µs per run. */
  readonly ours: number;
  readonly servers: number;
  readonly followers: number;
}

/** Runs through their life: made, published, running, completed. */
async function throughput(store: Store, { batch, runs }: Size): Promise<Pick<Cost, 'runsPerSecond' | 'ours'>> {
  const job = jobRecord();
  const cpu = process.cpuUsage();
  const begunAt = performance.now();
  for (let done = 0; done < runs; done += batch) {
    const made = Array.from({ length: batch }, () => runRecord({ jobUid: job.uid, jobName: job.name }));
    await store.insertRuns(made);
    await store.markPublished(
      made.map(({ id, createdAt: at }) => ({ id, attempt: 1, action: 'run', at, watchAt: at })),
    );
    const update = (rev: number, set: object): Promise<unknown> =>
      store.updateRuns(made.map(({ id }) => ({ id, rev, change: { set, unset: [] } })));
    await update(0, { status: 'running', startedAt: job.createdAt });
    await update(1, { status: 'completed', endedAt: job.createdAt });
  }
  const { user, system } = process.cpuUsage(cpu);
  const runsPerSecond = Math.round((runs * 1_000) / (performance.now() - begunAt));
  return { runsPerSecond, ours: Math.round((user + system) / runs) };
}

async function onSqlite(size: Size, withChanges: boolean): Promise<Cost> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-changes-'));
  const path = join(folder, 'scheduler.db');
  const store = await openSqliteStore({ path });
  await store.migrate();
  if (!withChanges) {
    const db = new DatabaseSync(path);
    const triggers = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).all();
    for (const { name } of triggers) db.exec(`DROP TRIGGER ${String(name)}`);
    db.close();
  }
  const cost = await throughput(store, size);
  await store.close();
  await rm(folder, { recursive: true });
  return { ...cost, servers: 0, followers: 0 };
}

async function onMongodb(url: string, size: Size, followed: boolean): Promise<Cost> {
  const dbName = freshDatabase();
  const store = await openMongoStore({ connectionString: url, dbName });
  await store.migrate();
  await using client = await MongoClient.connect(url);
  const follower = followed ? await startFollower(url, dbName) : undefined;
  const before = await serverCpuUs(client);
  const cost = await throughput(store, size);
  const servers = Math.round(((await serverCpuUs(client)) - before) / size.runs);
  const followers = follower === undefined ? 0 : Math.round((await endFollower(follower)) / size.runs);
  await store.close();
  return { ...cost, servers, followers };
}

async function startFollower(url: string, dbName: string): Promise<ChildProcess> {
  const child = fork(import.meta.filename, ['--follow', url, dbName]);
  await once(child, 'message');
  return child;
}

/** Its CPU time, µs. */
async function endFollower(child: ChildProcess): Promise<number> {
  const said = once(child, 'message');
  child.send('enough');
  const [us] = (await said) as [number];
  child.kill();
  return us;
}

async function follow(connectionString: string, dbName: string): Promise<never> {
  const store = await openMongoStore({ connectionString, dbName });
  let cpu: NodeJS.CpuUsage | undefined;
  process.on('message', () => {
    const { user, system } = process.cpuUsage(cpu);
    process.send?.(user + system);
  });
  for await (const { changes } of store.changes.follow(undefined, new AbortController().signal)) {
    // As the API does, which gathers changes.
    if (changes.length > 0) await delay(GATHER_MS);
    if (cpu !== undefined || changes.length > 0) continue;
    cpu = process.cpuUsage();
    process.send?.('ready');
  }
  throw new Error('a following has no end');
}

async function compare(name: string, measure: (size: Size, fed: boolean) => Promise<Cost>): Promise<void> {
  for (const size of SIZES) {
    const [without, fed]: [Cost[], Cost[]] = [[], []];
    // In turns, so that what else the machine does hits both.
    for (let round = 0; round < ROUNDS; round += 1) {
      without.push(await measure(size, false));
      fed.push(await measure(size, true));
    }
    const costs = { without: median(without), with: median(fed) };
    process.stdout.write(`${JSON.stringify({ store: name, batch: size.batch, ...costs })}\n`);
  }
}

function median(costs: readonly Cost[]): Cost {
  const of = (key: keyof Cost): number => costs.map((cost) => cost[key]).toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0;
  return { runsPerSecond: of('runsPerSecond'), ours: of('ours'), servers: of('servers'), followers: of('followers') };
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--follow') await follow(rest[0] ?? '', rest[1] ?? '');
await compare('sqlite', onSqlite);
const server = await startMongodb();
await compare('mongodb', (size, followed) => onMongodb(server.url, size, followed));
await server.remove();
