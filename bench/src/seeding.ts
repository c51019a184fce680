// Puts hundreds of thousands of jobs and runs in place in seconds. The store makes one of each, the rest are copies of what
// it wrote, in bulk: what is measured afterwards reads the same documents as if each had been added by itself.
import { randomBytes } from 'node:crypto';
import { type RunRecord, tickKey } from '@simple-scheduler/core';
import { type Collection, MongoClient, ObjectId } from 'mongodb';
import type { Installation } from './installation.ts';
import { addJobs, type JobInput, jobName } from './jobs.ts';

const BATCH = 5_000;
const IN_FLIGHT = 2;
const DURATION_MS = 1_000;

export interface SeededJob {
  readonly uid: string;
  readonly name: string;
}

type Place = Pick<Installation, 'store' | 'dbName'>;

/** Adds jobs that are all made like `template`, due at times of their own. Nobody is told: schedulers find them. */
export async function seedJobs(
  { store, dbName }: Place,
  url: string,
  jobs: {
    readonly count: number;
    /** Of the first one's name; 0, unless told. */
    readonly firstIndex?: number;
    readonly template: JobInput;
    readonly dueAt: (index: number) => number;
    /** When they were last edited, epoch ms; now, unless told. */
    readonly editedAt?: number;
  },
): Promise<SeededJob[]> {
  const { firstIndex = 0 } = jobs;
  if (jobs.count === 0) return [];
  await addJobs(store, 1, () => ({ ...jobs.template, name: 'template', enabled: false }));
  await using client = await MongoClient.connect(url);
  const collection = client.db(dbName).collection('jobs');
  const original = await collection.findOneAndDelete({ name: 'template' });
  const made: SeededJob[] = [];
  const edited = jobs.editedAt === undefined ? {} : { updatedAt: new Date(jobs.editedAt) };
  await insertCopies(collection, jobs.count, (index) => {
    const uid = newId();
    const dueAt = new Date(jobs.dueAt(index));
    const name = jobName(index + firstIndex);
    made[index] = { uid, name };
    return {
      ...original,
      ...edited,
      _id: ObjectId.createFromHexString(uid),
      name,
      enabled: true,
      nextRunAt: dueAt,
      ...('interval' in jobs.template ? { anchorAt: dueAt } : {}),
    };
  });
  return made;
}

/** Adds completed runs of these jobs, in turn, one each second up to now. */
export async function seedRuns(
  { store, dbName }: Place,
  url: string,
  { jobs, count }: { jobs: readonly SeededJob[]; count: number },
): Promise<string[]> {
  const now = Date.now();
  const ids: string[] = [];
  const first = jobs[0];
  if (first === undefined || count === 0) return ids;
  const template = completedRun(first, now - count * DURATION_MS);
  await store.insertRuns([template]);
  await using client = await MongoClient.connect(url);
  const collection = client.db(dbName).collection('runs');
  const original = await collection.findOneAndDelete({ _id: ObjectId.createFromHexString(template.id) });
  await insertCopies(collection, count, (index) => {
    const job = jobs[index % jobs.length] as SeededJob;
    const at = now - (count - index) * DURATION_MS;
    const id = runId(at);
    ids[index] = id;
    return {
      ...original,
      _id: ObjectId.createFromHexString(id),
      jobName: job.name,
      jobUid: ObjectId.createFromHexString(job.uid),
      tickKey: tickKey({ uid: job.uid, epoch: 1 }, at),
      ...timesOf(at, (ms) => new Date(ms)),
    };
  });
  return ids;
}

async function insertCopies(collection: Collection, count: number, copy: (index: number) => object): Promise<void> {
  let next = 0;
  const insert = async (): Promise<void> => {
    for (let from = next; from < count; from = next) {
      next = Math.min(count, from + BATCH);
      const batch = Array.from({ length: next - from }, (_, offset) => copy(from + offset));
      await collection.insertMany(batch, { ordered: false });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, insert));
}

const newId = (): string => randomBytes(12).toString('hex');
const runId = (at: number): string => at.toString(16).padStart(12, '0') + randomBytes(6).toString('hex');

function timesOf<T>(at: number, as: (ms: number) => T): Record<'scheduledAt' | 'createdAt' | 'endedAt', T> & object {
  const end = at + DURATION_MS;
  return { scheduledAt: as(at), createdAt: as(at), publishedAt: as(at), startedAt: as(at), endedAt: as(end) } as never;
}

function completedRun(job: SeededJob, at: number): RunRecord {
  return {
    id: runId(at),
    jobName: job.name,
    jobUid: job.uid,
    tickKey: tickKey({ uid: job.uid, epoch: 1 }, at),
    rev: 2,
    status: 'completed',
    trigger: 'schedule',
    attempt: 1,
    startTimeoutMs: 0,
    executionTimeoutMs: 0,
    cancelTimeoutMs: 60_000,
    heartbeatTimeoutMs: 0,
    ...timesOf(at, (ms) => ms),
  };
}
