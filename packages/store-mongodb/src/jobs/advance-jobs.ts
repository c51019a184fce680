import type { JobAdvance } from '@simple-scheduler/engine';
import { type AnyBulkWriteOperation, type Document, ObjectId } from 'mongodb';
import { type Database, inOneBatch } from '../database.ts';
import type { DeletionDocument, JobDocument } from '../documents/job-document.ts';
import { packId, unpackId } from '../documents/packed-id.ts';
import { text } from '../documents/values.ts';
import { settleMarked, type Verdict } from '../marked-write.ts';

/** An advance, and the mark that it leaves in the job; advances of one statement share it. */
interface Marked extends JobAdvance {
  readonly mark: ObjectId;
}

/** One bulk of guarded updates; where some did not take effect, a read tells which. */
export async function advanceJobs(
  { connection, jobs }: Database,
  advances: readonly JobAdvance[],
): Promise<('advanced' | 'fenced')[]> {
  if (advances.length === 0) return [];
  const { marked, statements } = statementsOf(advances);
  const { matchedCount } = await jobs.bulkWrite(statements, { ...connection.limits, ordered: false });
  if (matchedCount === advances.length) return advances.map(() => 'advanced');
  if (matchedCount === 0) return advances.map(() => 'fenced');
  const present = await jobs
    .find(
      { _id: { $in: advances.map(({ uid }) => packId(uid)) } },
      {
        ...connection.limits,
        ...inOneBatch(advances.length),
        projection: { name: 1, 'job.name': 1, advanceMark: 1, 'job.advanceMark': 1 },
      },
    )
    .toArray();
  const found = new Map(present.map((document) => [unpackId(document._id), jobOf(document)]));
  const ours = settleMarked(
    marked.map((advance) => verdict(advance, found.get(advance.uid))),
    matchedCount,
  );
  return advances.map((_, i) => (ours.has(i) ? 'advanced' : 'fenced'));
}

/** Jobs on the same cron move from the same tick to the same next one: those go in one statement. */
function statementsOf(advances: readonly JobAdvance[]): {
  marked: Marked[];
  statements: AnyBulkWriteOperation<JobDocument>[];
} {
  const timesSeen = new Map<string, number>();
  const keys = advances.map(({ uid, name: _, ...rest }) => {
    const time = timesSeen.get(uid) ?? 0;
    timesSeen.set(uid, time + 1);
    return JSON.stringify([rest, time]);
  });
  const marks = new Map(keys.map((key) => [key, new ObjectId()]));
  const marked = advances.map((advance, i): Marked => ({ ...advance, mark: marks.get(keys[i] as string) as ObjectId }));
  const groups = Map.groupBy(marked, (advance) => advance.mark);
  return { marked, statements: [...groups.values()].map(statementOf) };
}

function statementOf(group: readonly Marked[]): AnyBulkWriteOperation<JobDocument> {
  const { epoch, managerId, leaseToken, from, to, completedAt, mark } = group[0] as Marked;
  const filter: Document = {
    _id: { $in: group.map((advance) => packId(advance.uid)) },
    name: { $in: group.map((advance) => text.encode(advance.name)) },
    epoch,
    managerId: text.encode(managerId),
    leaseToken,
    nextRunAt: new Date(from),
  };
  const set: Document = {
    advanceMark: mark,
    ...(to === null ? {} : { nextRunAt: new Date(to) }),
    ...(completedAt === undefined ? {} : { completedAt: new Date(completedAt) }),
  };
  const update: Document = to === null ? { $set: set, $unset: { nextRunAt: '', managerId: '' } } : { $set: set };
  return group.length === 1
    ? { updateOne: { filter, update, hint: '_id_' } }
    : { updateMany: { filter, update, hint: '_id_' } };
}

function verdict({ mark, name }: Marked, job: JobDocument | undefined): Verdict {
  if (job === undefined) return 'unknown';
  if (job['name'] !== undefined && text.decode(job['name']) !== name) return 'not_ours';
  if (job.advanceMark === undefined) return 'not_ours';
  return job.advanceMark.equals(mark) ? 'ours' : 'unknown';
}

/** A job, or the one inside its tombstone. */
function jobOf(document: JobDocument | DeletionDocument): JobDocument {
  return 'job' in document ? (document as DeletionDocument).job : document;
}
