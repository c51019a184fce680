// pg-boss on PostgreSQL, with what its documentation on workers gives for throughput: batches, several workers in a process,
// the shortest interval of polling (0.5 s), and no pause while batches come back full. LISTEN/NOTIFY wakes for jobs that are
// due when they are sent; here all are sent before, so polling it is.
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import type { Execution, Peer, PeerPlace, Tasks } from './protocol.ts';

const QUEUE = 'tasks';
const BATCH = 500;
const WORKERS = 2;
const SCHEMA = 'pgboss';
const ADDED_AT_A_TIME = 1_000;

interface Data {
  readonly name: string;
  readonly dueAt: number;
}

export async function openPgBoss({ url, space }: PeerPlace): Promise<Peer> {
  const connectionString = await ownDatabase(url, space);
  const boss = new PgBoss({ connectionString, schema: SCHEMA, schedule: false });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  await boss.createQueue(QUEUE);
  const counting = new pg.Pool({ connectionString, max: 1 });
  return {
    add: (tasks) => add(boss, tasks),
    start: async (seen: (execution: Execution) => void) => {
      const options = {
        batchSize: BATCH,
        localConcurrency: WORKERS,
        pollingIntervalSeconds: 0.5,
        burstWhenBatchFull: true,
      };
      await boss.work<Data>(QUEUE, options, async (jobs) => {
        const receivedAt = performance.timeOrigin + performance.now();
        for (const { data } of jobs) seen({ ...data, receivedAt });
      });
    },
    countDone: async () => {
      const { rows } = await counting.query<{ count: string }>(
        `SELECT count(*) FROM ${SCHEMA}.job WHERE name = '${QUEUE}' AND state = 'completed'`,
      );
      return Number(rows[0]?.count);
    },
    stop: async () => {
      await boss.stop({ graceful: true });
      await counting.end();
    },
  };
}

async function add(boss: PgBoss, { kind, tasks }: Tasks): Promise<void> {
  if (kind === 'repeated') throw new TypeError('pg-boss repeats nothing within a minute');
  for (let from = 0; from < tasks.length; from += ADDED_AT_A_TIME) {
    const jobs = tasks.slice(from, from + ADDED_AT_A_TIME).map(({ name, dueAt }) => ({
      data: { name, dueAt },
      startAfter: new Date(dueAt).toISOString(),
    }));
    await boss.insert(QUEUE, jobs);
  }
}

/** Makes the database of this name; gives its address. */
export async function ownDatabase(url: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE "${name}"`);
  } finally {
    await client.end();
  }
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}
