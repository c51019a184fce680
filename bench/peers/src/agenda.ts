// Agenda on MongoDB. It looks for what is due within `processEvery` from now, locks that one by one, and sets a timer for
// each; so 1 s lets it know of a job before its tick without holding more than a second's work. Its limits are lifted: by
// default it runs 20 jobs at a time, 5 of one kind. The index that its README recommends is made by `ensureIndex`.
import { Agenda } from 'agenda';
import { MongoBackend } from '@agendajs/mongo-backend';
import { MongoClient } from 'mongodb';
import type { Execution, Peer, PeerPlace, Tasks } from './protocol.ts';

const KIND = 'task';
const COLLECTION = 'agendaJobs';
const CONCURRENCY = 10_000;
const PROCESS_EVERY_MS = 1_000;
const ADDED_AT_A_TIME = 64;

interface Data {
  readonly name: string;
  /** For the first time. */
  readonly dueAt: number;
}

export async function openAgenda({ url, space }: PeerPlace): Promise<Peer> {
  const client = await MongoClient.connect(url);
  const db = client.db(space);
  const agenda = new Agenda({
    backend: new MongoBackend({ mongo: db, collection: COLLECTION, ensureIndex: true }),
    processEvery: PROCESS_EVERY_MS,
    maxConcurrency: CONCURRENCY,
    defaultConcurrency: CONCURRENCY,
  });
  await agenda.ready;
  return {
    add: (tasks) => add(agenda, tasks),
    start: async (seen: (execution: Execution) => void) => {
      // A handler is told when its job is due next, not when it was due now: that is what it was told last.
      const nextDue = new Map<string, number>();
      agenda.define<Data>(KIND, ({ attrs: { data, nextRunAt } }) => {
        const receivedAt = performance.timeOrigin + performance.now();
        seen({ name: data.name, dueAt: nextDue.get(data.name) ?? data.dueAt, receivedAt });
        if (nextRunAt) nextDue.set(data.name, nextRunAt.valueOf());
      });
      await agenda.start();
    },
    countDone: () => db.collection(COLLECTION).countDocuments({ lastFinishedAt: { $ne: null } }),
    stop: async () => {
      await agenda.stop();
      await client.close();
    },
  };
}

/** Each is a job of its own: `every` would keep one job of a kind. */
async function add(agenda: Agenda, { tasks }: Tasks): Promise<void> {
  const waiting = [...tasks];
  const one = async (): Promise<void> => {
    for (let task = waiting.pop(); task; task = waiting.pop()) {
      const dueAt = 'dueAt' in task ? task.dueAt : task.firstAt;
      const job = agenda.create<Data>(KIND, { name: task.name, dueAt });
      if ('intervalMs' in task) job.repeatEvery(task.intervalMs);
      job.schedule(new Date(dueAt));
      await job.save();
    }
  };
  await Promise.all(Array.from({ length: ADDED_AT_A_TIME }, one));
}
