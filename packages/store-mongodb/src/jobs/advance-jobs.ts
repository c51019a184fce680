import type { JobAdvance } from '@simple-scheduler/engine';
import { type AnyBulkWriteOperation, type Document, ObjectId } from 'mongodb';
import { type Database, inOneBatch } from '../database.ts';
import type { DeletionDocument, JobDocument } from '../documents/job-document.ts';
import { packId, unpackId } from '../documents/packed-id.ts';
import { text } from '../documents/values.ts';
import { settleMarked, type Verdict } from '../marked-write.ts';

/** One bulk of guarded updates; where some did not take effect, a read tells which. */
export async function advanceJobs(
  { connection, jobs }: Database,
  advances: readonly JobAdvance[],
): Promise<('advanced' | 'fenced')[]> {
  if (advances.length === 0) return [];
  const asked = advances.map((advance) => ({ ...advance, mark: new ObjectId() }));
  const updates = asked.map((advance) => advanceUpdate(advance, advance.mark));
  const { matchedCount } = await jobs.bulkWrite(updates, { ...connection.limits, ordered: false });
  if (matchedCount === advances.length) return advances.map(() => 'advanced');
  if (matchedCount === 0) return advances.map(() => 'fenced');
  const present = await jobs
    .find(
      { _id: { $in: advances.map(({ uid }) => packId(uid)) } },
      {
        ...connection.limits,
        ...inOneBatch(advances.length),
        projection: { advanceMark: 1, 'job.advanceMark': 1 },
      },
    )
    .toArray();
  const marks = new Map(present.map((document) => [unpackId(document._id), markOf(document)]));
  const verdicts = asked.map(({ uid, mark }): Verdict => {
    const found = marks.get(uid);
    if (found === null) return 'not_ours';
    return found?.equals(mark) ? 'ours' : 'unknown';
  });
  const ours = settleMarked(verdicts, matchedCount);
  return advances.map((_, i) => (ours.has(i) ? 'advanced' : 'fenced'));
}

function advanceUpdate(advance: JobAdvance, advanceMark: ObjectId): AnyBulkWriteOperation<JobDocument> {
  const { completedAt, to } = advance;
  const guard: Document = {
    _id: packId(advance.uid),
    name: text.encode(advance.name),
    epoch: advance.epoch,
    managerId: text.encode(advance.managerId),
    leaseToken: advance.leaseToken,
    nextRunAt: new Date(advance.from),
  };
  const set: Document = {
    advanceMark,
    ...(to === null ? {} : { nextRunAt: new Date(to) }),
    ...(completedAt === undefined ? {} : { completedAt: new Date(completedAt) }),
  };
  const update: Document = to === null ? { $set: set, $unset: { nextRunAt: '', managerId: '' } } : { $set: set };
  return { updateOne: { filter: guard, update, hint: '_id_' } };
}

/** Of a job, or of its tombstone. Null: it was never advanced. */
function markOf(document: JobDocument | DeletionDocument): ObjectId | null {
  const inside = (document as DeletionDocument).job as JobDocument | undefined;
  return (document as JobDocument).advanceMark ?? inside?.advanceMark ?? null;
}
