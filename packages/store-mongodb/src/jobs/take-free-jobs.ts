import type { HeldJob } from '@simple-scheduler/core';
import { STORE_BATCH_MAX, StoreUnavailableError } from '@simple-scheduler/engine';
import { type Document, ObjectId } from 'mongodb';
import type { Call } from '../connection/connection.ts';
import { type Database, inOneBatch } from '../database.ts';
import type { JobDocument } from '../documents/job-document.ts';
import { text } from '../documents/values.ts';
import { JOB_INDEX } from '../index-names.ts';

/** Word for word the condition of the index `free`. `managerId: null` is: absent. */
export const FREE: Document = { enabled: true, managerId: null, nextRunAt: { $exists: true } };

export const HELD_FIELDS = { name: 1, nextRunAt: 1, leaseToken: 1 } as const;

export function decodeHeld(document: JobDocument): HeldJob {
  return {
    name: text.decode(document['name']),
    nextRunAt: (document['nextRunAt'] as Date).getTime(),
    leaseToken: document['leaseToken'] as number,
  };
}

/** Rounds in a row that others win entirely. Whoever calls again later takes what is left. */
const LOST_ROUNDS_MAX = 8;

/**
 * Rounds of: who is free, soonest first; take those that still are; read back which ones that were. The taking is one
 * update whose condition each job meets for one caller only, and the mark of the round tells apart what it got.
 */
export async function takeFreeJobs(
  database: Database,
  call: Call,
  managerId: string,
  limit: number,
): Promise<HeldJob[]> {
  const taken: HeldJob[] = [];
  for (let lostRounds = 0; taken.length < limit && lostRounds < LOST_ROUNDS_MAX && !call.isLate(); ) {
    try {
      const wanted = Math.min(limit - taken.length, STORE_BATCH_MAX);
      const candidates = await freeJobs(database, wanted);
      const got = await takeThese(database, managerId, candidates);
      taken.push(...got);
      if (got.length > 0) lostRounds = 0;
      else lostRounds += 1;
      if (candidates.length < wanted && got.length === candidates.length) break;
    } catch (error) {
      // What earlier rounds took is ours all the same; the next call will meet the trouble.
      if (taken.length === 0) throw error;
      break;
    }
  }
  // Nobody waits for the answer any more.
  if (call.isLate()) throw new StoreUnavailableError('MongoDB is not available: taking jobs took too long');
  return taken;
}

async function freeJobs({ connection, jobs }: Database, limit: number): Promise<JobDocument[]> {
  return jobs
    .find(FREE, {
      ...connection.limits,
      ...inOneBatch(limit),
      hint: JOB_INDEX.free,
      sort: { nextRunAt: 1 },
      projection: { _id: 1 },
    })
    .toArray();
}

async function takeThese(
  { connection, jobs }: Database,
  managerId: string,
  candidates: readonly JobDocument[],
): Promise<HeldJob[]> {
  if (candidates.length === 0) return [];
  const _id = { $in: candidates.map((job) => job._id) };
  const takeMark = new ObjectId();
  const holder = text.encode(managerId);
  const take: Document = { $set: { managerId: holder, takeMark }, $inc: { leaseToken: 1 } };
  const { matchedCount } = await jobs.updateMany({ _id, ...FREE }, take, { ...connection.limits, hint: '_id_' });
  if (matchedCount === 0) return [];
  // A job that was freed, moved or deleted since is not named: it is not held any more.
  const got = await jobs
    .find(
      { _id, takeMark, managerId: holder, nextRunAt: { $exists: true } },
      { ...connection.limits, ...inOneBatch(candidates.length), hint: '_id_', projection: HELD_FIELDS },
    )
    .toArray();
  return got.map(decodeHeld);
}
