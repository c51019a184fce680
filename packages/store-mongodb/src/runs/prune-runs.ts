import { ENDED_STATUSES } from '@simple-scheduler/contracts/vocabulary';
import { tickKey } from '@simple-scheduler/core';
import type { RunPruning } from '@simple-scheduler/engine';
import type { Document } from 'mongodb';
import { type Database, inOneBatch } from '../database.ts';
import { packId, type PackedId, unpackId } from '../documents/packed-id.ts';
import type { RunDocument } from '../documents/run-document.ts';
import { text, time } from '../documents/values.ts';
import { RUN_INDEX } from '../index-names.ts';

/** Of one command, each with up to three looks at the index; a pipeline may not have more than some hundred stages. */
const JOBS_AT_ONCE = 50;
const OLDEST_FIRST = { scheduledAt: 1, _id: 1 } as const;
const NEWEST_FIRST = { scheduledAt: -1, _id: -1 } as const;

/**
 * One command for many jobs tells which of them have something to remove, so that those that have not cost no more. The
 * others are gone through one by one: what may go, how far that reaches (noted in the job before anything goes), remove.
 */
export async function pruneRuns(
  database: Database,
  prunings: readonly RunPruning[],
  { limit, isLate }: { limit: number; isLate: () => boolean },
): Promise<number> {
  let found = 0;
  for (let start = 0; start < prunings.length && found < limit; start += JOBS_AT_ONCE) {
    const some = prunings.slice(start, start + JOBS_AT_ONCE);
    const probes = await probe(database, some);
    for (const [i, pruning] of some.entries()) {
      const seen = probes.get(i) ?? [];
      if (found >= limit || isLate() || !isDue(seen)) continue;
      found += await pruneJob(database, pruning, { limit: limit - found, beyond: seen.find(is('beyond')) });
    }
  }
  return found;
}

/** What one look has found: the newest record, the newest of those beyond the number, or one of the two oldest old ones. */
interface Probe {
  readonly _id: PackedId;
  readonly scheduledAt: Date;
  readonly found: 'newest' | 'beyond' | 'old';
  /** The place of its pruning among those that were asked for. */
  readonly of: number;
}

const is =
  (kind: Probe['found']) =>
  ({ found }: Probe): boolean =>
    found === kind;

async function probe(
  { connection, runs }: Database,
  prunings: readonly RunPruning[],
): Promise<Map<number | undefined, Probe[]>> {
  const looks = prunings.flatMap(looksAt);
  const [first, ...rest] = looks;
  if (first === undefined) return new Map();
  const pipeline = [...first, ...rest.map((look) => ({ $unionWith: { coll: 'runs', pipeline: look } }))];
  const found = await runs.aggregate<Probe>(pipeline, connection.limits).toArray();
  return Map.groupBy(found, (seen) => seen.of);
}

function looksAt({ jobUid, keep, olderThan, keepLast }: RunPruning, of: number): Document[][] {
  const uid = packId(jobUid);
  const look = (found: Probe['found'], stages: readonly Document[]): Document[] => [
    ...stages,
    { $project: { scheduledAt: 1, found: { $literal: found }, of: { $literal: of } } },
  ];
  const newest = [{ $match: { jobUid: uid } }, { $sort: NEWEST_FIRST }];
  const old = olderThan === undefined ? undefined : new Date(olderThan);
  return [
    ...(keepLast ? [look('newest', [...newest, { $limit: 1 }])] : []),
    ...(keep === undefined ? [] : [look('beyond', [...newest, { $skip: keep }, { $limit: 1 }])]),
    ...(old === undefined
      ? []
      : [
          look('old', [
            { $match: { jobUid: uid, scheduledAt: { $lt: old }, endedAt: { $lt: old } } },
            { $sort: OLDEST_FIRST },
            { $limit: 2 },
          ]),
        ]),
  ];
}

/** A job that rests for long keeps one old record: that alone is nothing to do. */
function isDue(seen: readonly Probe[]): boolean {
  const newest = seen.find(is('newest'));
  return seen.some(is('beyond')) || seen.some((one) => is('old')(one) && unlike(one, newest));
}

const unlike = (one: Probe, other: Probe | undefined): boolean =>
  other === undefined || unpackId(one._id) !== unpackId(other._id);

async function pruneJob(
  database: Database,
  pruning: RunPruning,
  { limit, beyond }: { limit: number; beyond: Probe | undefined },
): Promise<number> {
  const { connection, jobs, runs } = database;
  const { limits } = connection;
  const filter = { ...mayGo(pruning, beyond), _id: { $nin: await kept(database, pruning) } };
  const chosen: RunDocument[] = await runs
    .find(filter, {
      ...limits,
      ...inOneBatch(limit),
      hint: RUN_INDEX.jobUidScheduledAt,
      sort: OLDEST_FIRST,
      projection: { scheduledAt: 1, spanTo: 1 },
    })
    .toArray();
  if (chosen.length === 0) return 0;
  const prunedTo = Math.max(...chosen.map((run) => time.decode(run['spanTo'] ?? run['scheduledAt'])));
  const job = { _id: packId(pruning.jobUid), name: text.encode(pruning.jobName) };
  await jobs.updateOne(job, { $max: { prunedTo: new Date(prunedTo) } }, limits);
  // Ended runs stay ended, so what was chosen may go.
  const ids = chosen.map(({ _id }) => _id);
  await runs.deleteMany({ _id: { $in: ids }, phase: { $in: [...ENDED_STATUSES] } }, { ...limits, hint: '_id_' });
  return chosen.length;
}

function mayGo({ jobUid, olderThan, endedBefore, unsettled }: RunPruning, beyond: Probe | undefined): Document {
  const old = olderThan === undefined ? undefined : new Date(olderThan);
  const reasons: Document[] = [
    ...(old === undefined ? [] : [{ endedAt: { $lt: old } }]),
    ...(beyond === undefined
      ? []
      : [{ scheduledAt: { $lt: beyond.scheduledAt } }, { scheduledAt: beyond.scheduledAt, _id: { $lte: beyond._id } }]),
  ];
  // Nothing ends before its time, so this is as far as the index must be read.
  const latestAt = Math.max(beyond?.scheduledAt.getTime() ?? 0, olderThan ?? 0);
  return {
    jobUid: packId(jobUid),
    scheduledAt: { $lte: new Date(latestAt) },
    endedAt: { $lt: new Date(endedBefore) },
    phase: { $in: [...ENDED_STATUSES] },
    $or: reasons,
    ...(unsettled === undefined ? {} : { $nor: [{ tickKey: unsettledKeys(jobUid, unsettled) }] }),
  };
}

function unsettledKeys(jobUid: string, { epoch, from }: NonNullable<RunPruning['unsettled']>): Document {
  return { $gte: tickKey({ uid: jobUid, epoch }, from), $lt: `${jobUid}:${epoch}:~` };
}

async function kept({ connection, runs }: Database, { jobUid, keepLast }: RunPruning): Promise<PackedId[]> {
  if (!keepLast) return [];
  const uid = packId(jobUid);
  const options = {
    ...connection.limits,
    hint: RUN_INDEX.jobUidScheduledAt,
    sort: NEWEST_FIRST,
    projection: { _id: 1 },
  };
  const [newest, ran] = await Promise.all([
    runs.findOne({ jobUid: uid }, options),
    runs.findOne({ jobUid: uid, phase: { $ne: 'skipped' } }, options),
  ]);
  return [newest, ran].flatMap((run) => (run === null ? [] : [run._id]));
}
