// graphile-worker on PostgreSQL, with the settings that its chapter "Performance" measures with: 24 jobs at a time, a local
// queue of 500, completions in batches. It learns of jobs that become due by polling alone; 100 ms bounds their lateness.
import { Logger, run, type Runner, type WorkerUtils, makeWorkerUtils } from 'graphile-worker';
import pg from 'pg';
import { ownDatabase } from './pg-boss.ts';
import type { Execution, Peer, PeerPlace, Tasks } from './protocol.ts';

const TASK = 'task';
const CONCURRENCY = 24;
const LOCAL_QUEUE = 500;
const POLL_INTERVAL_MS = 100;
const ADDED_AT_A_TIME = 1_000;
const JOBS_TABLE = 'graphile_worker._private_jobs';

interface Payload {
  readonly name: string;
  readonly dueAt: number;
}

export async function openGraphileWorker({ url, space }: PeerPlace): Promise<Peer> {
  const connectionString = await ownDatabase(url, space);
  const logger = new Logger(() => (level, message) => {
    if (level === 'error') console.error(message);
  });
  const pool = new pg.Pool({ connectionString, max: CONCURRENCY + 1 });
  const tell = (error: Error): void => console.error(error.message);
  pool.on('error', tell).on('connect', (client) => void client.on('error', tell));
  const utils = await makeWorkerUtils({ pgPool: pool, logger });
  await utils.migrate();
  let runner: Runner | undefined;
  let added = 0;
  return {
    add: async (tasks) => {
      await add(utils, tasks);
      added += tasks.tasks.length;
    },
    start: async (seen: (execution: Execution) => void) => {
      const work = async (payload: unknown): Promise<void> => {
        const receivedAt = performance.timeOrigin + performance.now();
        seen({ ...(payload as Payload), receivedAt });
      };
      runner = await run({
        preset: {
          worker: {
            concurrentJobs: CONCURRENCY,
            pollInterval: POLL_INTERVAL_MS,
            localQueue: { size: LOCAL_QUEUE },
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
          },
        },
        pgPool: pool,
        logger,
        noHandleSignals: true,
        taskList: { [TASK]: work },
      });
    },
    // A job that was done is deleted: what is not there any more is done.
    countDone: async () => {
      const { rows } = await pool.query<{ count: string }>(`SELECT count(*) FROM ${JOBS_TABLE}`);
      return added - Number(rows[0]?.count);
    },
    stop: async () => {
      await runner?.stop();
      await utils.release();
      await pool.end();
    },
  };
}

async function add(utils: WorkerUtils, { kind, tasks }: Tasks): Promise<void> {
  if (kind === 'repeated') throw new TypeError('graphile-worker repeats nothing within a minute');
  for (let from = 0; from < tasks.length; from += ADDED_AT_A_TIME)
    await utils.addJobs(
      tasks.slice(from, from + ADDED_AT_A_TIME).map(({ name, dueAt }) => ({
        identifier: TASK,
        payload: { name, dueAt },
        runAt: new Date(dueAt),
      })),
    );
}
