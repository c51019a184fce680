import type { RunUpdate, UpdateRunOutcome } from '@simple-scheduler/engine';
import { type AnyBulkWriteOperation, type Document, ObjectId } from 'mongodb';
import { refusedStatements } from '../connection/duplicate-key.ts';
import { type Database, inOneBatch } from '../database.ts';
import { packId, unpackId } from '../documents/packed-id.ts';
import { encodeRunChange, type RunDocument } from '../documents/run-document.ts';
import { settleMarked, type Verdict } from '../marked-write.ts';
import { groupUpdates, type UpdateGroup } from './update-groups.ts';

/**
 * One bulk of guarded updates; where some did not take effect, a read tells which.
 *
 * The driver repeats a bulk after a lost reply only where no statement changes several documents (only those have the
 * server's protection against running twice); any other then rejects, and is repeated by the caller.
 */
export async function updateRuns(database: Database, updates: readonly RunUpdate[]): Promise<UpdateRunOutcome[]> {
  if (updates.length === 0) return [];
  const mark = new ObjectId();
  const groups = groupUpdates(updates);
  const { matchedCount, refused } = await updateAll(database, groups, mark);
  const outcomes = updates.map((): UpdateRunOutcome => 'updated');
  for (const group of refused) for (const index of group.indexes) outcomes[index] = 'slot_taken';
  const open = updates.flatMap((_, index) => (outcomes[index] === 'updated' ? [index] : []));
  if (matchedCount === open.length) return outcomes;
  const asked = open.map((index) => updates[index] as RunUpdate);
  const ours = matchedCount === 0 ? new Set() : settleMarked(await verdicts(database, asked, mark), matchedCount);
  for (const [position, index] of open.entries()) if (!ours.has(position)) outcomes[index] = 'conflict';
  return outcomes;
}

/** `refused`: the slot that these were to take is another's. */
async function updateAll(
  { connection, runs }: Database,
  groups: readonly UpdateGroup[],
  mark: ObjectId,
): Promise<{ matchedCount: number; refused: UpdateGroup[] }> {
  try {
    const statements = groups.map((group) => statementOf(group, mark));
    const { matchedCount } = await runs.bulkWrite(statements, { ...connection.limits, ordered: false });
    return { matchedCount, refused: [] };
  } catch (error) {
    const { error: bulk, indexes } = refusedStatements(error);
    return { matchedCount: bulk.matchedCount, refused: indexes.map((index) => groups[index] as UpdateGroup) };
  }
}

function statementOf({ ids, rev, change }: UpdateGroup, updateMark: ObjectId): AnyBulkWriteOperation<RunDocument> {
  const { $set, $unset } = encodeRunChange(change);
  const update: Document = { $set: { ...$set, updateMark }, $unset, $inc: { rev: 1 } };
  const packedIds = ids.map(packId);
  const [only] = packedIds;
  return packedIds.length === 1 && only !== undefined
    ? { updateOne: { filter: { _id: only, rev }, update, hint: '_id_' } }
    : { updateMany: { filter: { _id: { $in: packedIds }, rev }, update, hint: '_id_' } };
}

/** Each step of `rev` leaves the mark of whoever made it, so the mark at `rev + 1` says who made the step from `rev`. */
async function verdicts(
  { connection, runs }: Database,
  asked: readonly RunUpdate[],
  mark: ObjectId,
): Promise<Verdict[]> {
  const found = await runs
    .find(
      { _id: { $in: asked.map((update) => packId(update.id)) } },
      { ...connection.limits, ...inOneBatch(asked.length), projection: { rev: 1, updateMark: 1 } },
    )
    .toArray();
  const present = new Map(found.map((run) => [unpackId(run._id), run]));
  return asked.map(({ id, rev }): Verdict => {
    const run = present.get(id);
    if (run === undefined) return 'not_ours';
    if (run.updateMark?.equals(mark)) return 'ours';
    return (run['rev'] as number) > rev + 1 ? 'unknown' : 'not_ours';
  });
}
