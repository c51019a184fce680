import { freshDatabase, type MongodbServer } from '@simple-scheduler/testkit';
import { MongoClient, ObjectId } from 'mongodb';
import { rate, round } from '../latency.ts';
import { cpuOfRuns, measureOwnCpu, measureUsage } from '../usage.ts';
import { timed } from './broker.ts';

const BATCH = 500;

export interface WritesOfRuns {
  readonly elapsedMs: number;
  readonly runsPerSecond: number;
  readonly cpuMsPer1000Runs: Readonly<Record<string, number>>;
}

/**
 * The writes that a run cannot do without, and nothing but them: its record, its job moved on, its end. In batches, one statement
 * for each, write concern majority, and no index but the one that keeps a tick from being recorded twice. Made twice for as
 * many runs; the second time is measured.
 */
export async function writesOfRuns(server: MongodbServer, runs: number): Promise<WritesOfRuns> {
  await using client = await MongoClient.connect(server.url, { writeConcern: { w: 'majority' } });
  const db = client.db(freshDatabase());
  try {
    const [jobDocs, runDocs] = [db.collection('jobs'), db.collection('runs')];
    await runDocs.createIndex({ tickKey: 1 }, { unique: true });
    const jobIds = Array.from({ length: runs }, () => new ObjectId());
    await jobDocs.insertMany(jobIds.map((_id) => ({ _id, rev: 0, at: new Date(), filler: 'x'.repeat(500) })));
    const work = async (): Promise<void> => {
      for (let from = 0; from < runs; from += BATCH) {
        const jobs = { _id: { $in: jobIds.slice(from, from + BATCH) } };
        const records = jobs._id.$in.map((jobId) => newRun(jobId));
        await runDocs.insertMany(records, { ordered: false });
        await jobDocs.updateMany(jobs, { $set: { at: new Date() }, $inc: { rev: 1 } });
        const ended = { _id: { $in: records.map(({ _id }) => _id) }, rev: 0 };
        await runDocs.updateMany(ended, { $set: { status: 'completed', endedAt: new Date() }, $inc: { rev: 1 } });
      }
    };
    await work();
    const usage = measureUsage({ mongodb: server.pid });
    const ownCpu = measureOwnCpu();
    const elapsedMs = await timed(work);
    const own = ownCpu();
    return {
      elapsedMs: round(elapsedMs, 0),
      runsPerSecond: rate(runs, elapsedMs),
      cpuMsPer1000Runs: cpuOfRuns({ driver: own, ...usage() }, runs),
    };
  } finally {
    await db.dropDatabase();
  }
}

function newRun(jobId: ObjectId): { readonly _id: ObjectId; readonly [field: string]: unknown } {
  const _id = new ObjectId();
  const tickKey = `${jobId.toHexString()}:${_id.toHexString()}`;
  return { _id, jobId, tickKey, rev: 0, status: 'pending', createdAt: new Date(), filler: 'x'.repeat(250) };
}
