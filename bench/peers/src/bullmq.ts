// BullMQ on Redis, with the settings of its chapters "Concurrency", "Adding jobs in bulk", "Auto-removal of jobs" and "Going
// to production": hundreds of jobs at a time in one worker (they wait for Redis, not for the processor), jobs added in
// bulk, finished ones kept in a number that does not grow.
import { type Job, Queue, Worker } from 'bullmq';
import type { Execution, OnceTask, Peer, PeerPlace, RepeatedTask, Tasks } from './protocol.ts';

const QUEUE = 'tasks';
const CONCURRENCY = 200;
const ADDED_AT_A_TIME = 500;
/** More than any workload has, since done ones are counted. */
const KEPT = { count: 200_000 } as const;

interface Data {
  readonly name: string;
}

export async function openBullmq({ url, space: prefix }: PeerPlace): Promise<Peer> {
  const { hostname: host, port } = new URL(url);
  const connection = { host, port: Number(port), maxRetriesPerRequest: null };
  const queue = new Queue<Data>(QUEUE, { connection, prefix });
  await queue.waitUntilReady();
  let worker: Worker<Data> | undefined;
  return {
    add: (tasks) => add(queue, tasks),
    start: async (seen: (execution: Execution) => void) => {
      const work = async (job: Job<Data>): Promise<void> => {
        const receivedAt = performance.timeOrigin + performance.now();
        seen({ name: job.data.name, dueAt: job.timestamp + (job.opts.delay ?? 0), receivedAt });
      };
      const options = { connection, prefix, concurrency: CONCURRENCY, removeOnComplete: KEPT, removeOnFail: KEPT };
      worker = new Worker<Data>(QUEUE, work, options);
      await worker.waitUntilReady();
    },
    countDone: () => queue.getCompletedCount(),
    stop: async () => {
      await worker?.close();
      await queue.close();
    },
  };
}

async function add(queue: Queue<Data>, tasks: Tasks): Promise<void> {
  for (let from = 0; from < tasks.tasks.length; from += ADDED_AT_A_TIME)
    if (tasks.kind === 'once') await addOnce(queue, tasks.tasks.slice(from, from + ADDED_AT_A_TIME));
    else await addRepeated(queue, tasks.tasks.slice(from, from + ADDED_AT_A_TIME));
}

async function addOnce(queue: Queue<Data>, tasks: readonly OnceTask[]): Promise<void> {
  const timestamp = Date.now();
  await queue.addBulk(
    tasks.map(({ name, dueAt }) => ({
      name: QUEUE,
      data: { name },
      opts: { timestamp, delay: Math.max(0, dueAt - timestamp) },
    })),
  );
}

async function addRepeated(queue: Queue<Data>, tasks: readonly RepeatedTask[]): Promise<void> {
  await Promise.all(
    tasks.map(({ name, firstAt, intervalMs }) =>
      queue.upsertJobScheduler(name, { every: intervalMs, startDate: firstAt }, { name: QUEUE, data: { name } }),
    ),
  );
}
