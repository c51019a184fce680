import type { JobAdvance } from '@simple-scheduler/engine';
import { type AnyBulkWriteOperation, type Document, ObjectId } from 'mongodb';
import { type Database, inOneBatch } from '../database.ts';
import type { DeletionDocument, JobDocument } from '../documents/job-document.ts';
import { packId, unpackId } from '../documents/packed-id.ts';
import { text } from '../documents/values.ts';
import { settleMarked, type Verdict } from '../marked-write.ts';

/** Each job of a statement is looked for in lists that have all of them. */
const JOBS_OF_A_STATEMENT = 100;

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

/**
 * Each statement has at most one advance of a job, and up to `JOBS_OF_A_STATEMENT`; those of second ones come after all of first
 * ones. Where more than the tick changes, as with jobs that come to their end, those go together whose changes are the same.
 */
function statementsOf(advances: readonly JobAdvance[]): {
  marked: Marked[];
  statements: AnyBulkWriteOperation<JobDocument>[];
} {
  const timesSeen = new Map<string, number>();
  const entries = advances.map((advance, index) => {
    const time = timesSeen.get(advance.uid) ?? 0;
    timesSeen.set(advance.uid, time + 1);
    return { advance, index, time };
  });
  const alike = Map.groupBy(entries, ({ advance, time }) =>
    JSON.stringify([time, movesOnly(advance) ? advance.managerId : allButJob(advance)]),
  );
  const groups = [...alike.values()]
    .flatMap((group) => chunks(group, JOBS_OF_A_STATEMENT))
    .map((group) => ({ group, time: group[0]?.time ?? 0, mark: new ObjectId() }))
    .toSorted((a, b) => a.time - b.time);
  const marks = new Map(groups.flatMap(({ group, mark }) => group.map(({ index }) => [index, mark])));
  const marked = advances.map((advance, index): Marked => ({ ...advance, mark: marks.get(index) as ObjectId }));
  return {
    marked,
    statements: groups.map(({ group }) => statementOf(group.map(({ index }) => marked[index] as Marked))),
  };
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, n) => values.slice(n * size, (n + 1) * size));
}

/** To a next tick, and nothing else about the job changes. */
const movesOnly = ({ to, completedAt }: JobAdvance): boolean => to !== null && completedAt === undefined;

const allButJob = ({ uid: _, name: _name, ...rest }: JobAdvance): Omit<JobAdvance, 'uid' | 'name'> => rest;

function statementOf(group: readonly Marked[]): AnyBulkWriteOperation<JobDocument> {
  const [first] = group as [Marked];
  if (group.length === 1) return { updateOne: sameForAll(group) };
  return { updateMany: movesOnly(first) ? eachItsOwn(group) : sameForAll(group) };
}

interface Statement {
  readonly filter: Document;
  readonly update: Document | Document[];
  readonly hint: '_id_';
}

/** For one advance, or for several that differ in nothing but the job. */
function sameForAll(group: readonly Marked[]): Statement & { readonly update: Document } {
  const { epoch, leaseToken, from, to, completedAt, mark } = group[0] as Marked;
  const set: Document = {
    advanceMark: mark,
    ...(to === null ? {} : { nextRunAt: new Date(to) }),
    ...(completedAt === undefined ? {} : { completedAt: new Date(completedAt) }),
  };
  return {
    filter: { ...heldBy(group), epoch, leaseToken, nextRunAt: new Date(from) },
    update: to === null ? { $set: set, $unset: { nextRunAt: '', managerId: '' } } : { $set: set },
    hint: '_id_',
  };
}

/**
 * Each job of the group from its own tick to its own next one, guarded by its own epoch and lease. Jobs with intervals are due
 * at moments of their own: a statement for each costs the server two to three times as much.
 */
function eachItsOwn(group: readonly Marked[]): Statement {
  const ids = group.map(({ uid }) => packId(uid));
  const own = (values: readonly unknown[]): Document => ({
    $arrayElemAt: [{ $literal: values }, { $indexOfArray: [{ $literal: ids }, '$_id'] }],
  });
  const guards = group.map(({ epoch, leaseToken, from }) => [epoch, leaseToken, new Date(from)]);
  const nextTicks = group.map(({ to }) => new Date(to as number));
  const { mark } = group[0] as Marked;
  return {
    filter: { ...heldBy(group), $expr: { $eq: [['$epoch', '$leaseToken', '$nextRunAt'], own(guards)] } },
    update: [{ $set: { advanceMark: mark, nextRunAt: own(nextTicks) } }],
    hint: '_id_',
  };
}

function heldBy(group: readonly Marked[]): Document {
  const { managerId } = group[0] as Marked;
  return {
    _id: { $in: group.map(({ uid }) => packId(uid)) },
    name: { $in: group.map(({ name }) => text.encode(name)) },
    managerId: text.encode(managerId),
  };
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
