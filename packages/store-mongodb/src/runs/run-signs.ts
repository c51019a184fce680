import type { RunStore } from '@simple-scheduler/engine';
import type { AnyBulkWriteOperation, Document } from 'mongodb';
import type { Database } from '../database.ts';
import { packId } from '../documents/packed-id.ts';
import type { RunDocument } from '../documents/run-document.ts';
import { text } from '../documents/values.ts';

type Beat = Parameters<RunStore['recordHeartbeats']>[0][number];
type Published = Parameters<RunStore['markPublished']>[0][number];

/** Writes whose outcome nobody needs: what a run no longer waits for is left alone. */
export function runSigns({ connection, runs }: Database): Pick<RunStore, 'recordHeartbeats' | 'markPublished'> {
  const write = async (statements: AnyBulkWriteOperation<RunDocument>[]): Promise<void> => {
    if (statements.length > 0) await runs.bulkWrite(statements, { ...connection.limits, ordered: false });
  };
  return {
    recordHeartbeats: (beats) => connection.call(() => write(alike(beats).map(beatStatement))),
    markPublished: (published) => connection.call(() => write(alike(published).flatMap(publishedStatements))),
  };
}

/** Groups of entries that differ in nothing but the run. */
function alike<T extends { readonly id: string }>(entries: readonly T[]): T[][] {
  return [...Map.groupBy(entries, ({ id: _, ...rest }) => JSON.stringify(rest)).values()];
}

function statement(
  group: readonly { readonly id: string }[],
  guard: Document,
  update: Document,
): AnyBulkWriteOperation<RunDocument> {
  const _id = { $in: group.map((entry) => packId(entry.id)) };
  return group.length === 1
    ? { updateOne: { filter: { _id, ...guard }, update, hint: '_id_' } }
    : { updateMany: { filter: { _id, ...guard }, update, hint: '_id_' } };
}

function beatStatement(group: readonly Beat[]): AnyBulkWriteOperation<RunDocument> {
  const { attempt, at, progress, message } = group[0] as Beat;
  const heartbeatAt = new Date(at);
  const set = {
    heartbeatAt,
    ...(progress === undefined ? {} : { progress }),
    ...(message === undefined ? {} : { message: text.encode(message) }),
  };
  // Not newer than ours: also where there is none yet.
  return statement(group, { attempt, status: 'running', heartbeatAt: { $not: { $gt: heartbeatAt } } }, { $set: set });
}

function publishedStatements(group: readonly Published[]): AnyBulkWriteOperation<RunDocument>[] {
  const { attempt, action, at, watchAt } = group[0] as Published;
  const guard = { attempt, owes: action };
  const settled = { $unset: { owes: '' } };
  if (action === 'cancel') return [statement(group, guard, settled)];
  const publishedAt = new Date(at);
  const update =
    watchAt === undefined
      ? { $set: { publishedAt }, $unset: { owes: '', watchAt: '' } }
      : { $set: { publishedAt, watchAt: new Date(watchAt) }, ...settled };
  const pending = statement(group, { ...guard, status: 'pending' }, update);
  return attempt === 1 ? [pending] : [pending, statement(group, { ...guard, status: { $ne: 'pending' } }, settled)];
}
