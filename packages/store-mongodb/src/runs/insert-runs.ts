import type { RunRecord } from '@simple-scheduler/core';
import type { InsertRunOutcome } from '@simple-scheduler/engine';
import { refusedStatements } from '../connection/duplicate-key.ts';
import { type Database, inOneBatch } from '../database.ts';
import { packId, unpackId } from '../documents/packed-id.ts';
import { encodeRun } from '../documents/run-document.ts';
import { text } from '../documents/values.ts';

/** One insert for the batch; only where some run met a unique key, a read tells which. */
export async function insertRuns(database: Database, runs: readonly RunRecord[]): Promise<InsertRunOutcome[]> {
  if (runs.length === 0) return [];
  const refused = await insertAll(database, runs);
  const outcomes = runs.map((): InsertRunOutcome => 'created');
  if (refused.length === 0) return outcomes;
  const exists = await recorded(
    database,
    refused.map((index) => runs[index] as RunRecord),
  );
  for (const index of refused) outcomes[index] = exists(runs[index] as RunRecord) ? 'exists' : 'slot_taken';
  return outcomes;
}

/** Indexes of the runs that a unique key kept out. */
async function insertAll({ connection, runs: collection }: Database, runs: readonly RunRecord[]): Promise<number[]> {
  try {
    await collection.insertMany(runs.map(encodeRun), { ...connection.limits, ordered: false });
    return [];
  } catch (error) {
    return refusedStatements(error).indexes;
  }
}

/**
 * Whether the run, or its tick, is there already. The server names one violated key, whichever it checked first, and the
 * driver passes it on as prose only; what counts is whether the tick is recorded, so that is asked.
 */
async function recorded(
  { connection, runs: collection }: Database,
  refused: readonly RunRecord[],
): Promise<(run: RunRecord) => boolean> {
  const ticks = refused.flatMap((run) => (run.tickKey === undefined ? [] : [run.tickKey]));
  const options = { ...connection.limits, ...inOneBatch(refused.length) };
  const [byId, byTick] = await Promise.all([
    collection
      .find({ _id: { $in: refused.map((run) => packId(run.id)) } }, { ...options, projection: { _id: 1 } })
      .toArray(),
    collection
      .find({ tickKey: { $in: ticks.map((tick) => text.encode(tick)) } }, { ...options, projection: { tickKey: 1 } })
      .toArray(),
  ]);
  const ids = new Set(byId.map((found) => unpackId(found._id)));
  const tickKeys = new Set(byTick.map((found) => text.decode(found['tickKey'])));
  return (run) => ids.has(run.id) || (run.tickKey !== undefined && tickKeys.has(run.tickKey));
}
