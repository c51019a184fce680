import { ENDED_STATUSES } from '@simple-scheduler/contracts/vocabulary';
import { tickKey } from '@simple-scheduler/core';
import type { RunPruning } from '@simple-scheduler/engine';
import type { Document } from 'mongodb';
import type { Database } from '../database.ts';
import { packId, type PackedId } from '../documents/packed-id.ts';

const OLDEST_FIRST = { scheduledAt: 1, _id: 1 } as const;
const NEWEST_FIRST = { scheduledAt: -1, _id: -1 } as const;
/** By `status` and not by `phase`, here and below: an index on the latter would invite the planner to sort. */
export const ENDED: Document = { status: { $in: [...ENDED_STATUSES] } };

/** What a look at one of many jobs found. */
export interface Look {
  readonly _id: PackedId;
  readonly scheduledAt: Date;
  readonly spanTo?: Date;
  readonly found: string;
  /** The place of its job among those that were looked at. */
  readonly of: number;
}

/** Runs pipelines on the runs in one command; each names what it is, and of which job. */
export async function look({ connection, runs }: Database, looks: readonly Document[][]): Promise<Look[]> {
  const [first, ...rest] = looks;
  if (first === undefined) return [];
  const pipeline = [...first, ...rest.map((one) => ({ $unionWith: { coll: 'runs', pipeline: one } }))];
  return runs.aggregate<Look>(pipeline, connection.limits).toArray();
}

const named = (found: string, of: number, stages: readonly Document[]): Document[] => [
  ...stages,
  { $project: { scheduledAt: 1, spanTo: 1, found: { $literal: found }, of: { $literal: of } } },
];
/** As `named`, of what the index alone can tell. */
const namedKey = (found: string, of: number, stages: readonly Document[]): Document[] => [
  ...stages,
  { $project: { scheduledAt: 1, found: { $literal: found }, of: { $literal: of } } },
];

/** What tells whether a job has something to remove. */
export function firstLooks({ jobUid, keep, olderThan, keepLast }: RunPruning, of: number): Document[][] {
  const uid = packId(jobUid);
  const newest = [{ $match: { jobUid: uid } }, { $sort: NEWEST_FIRST }];
  const old = olderThan === undefined ? undefined : { $lt: new Date(olderThan) };
  const oldest = [{ $match: { jobUid: uid, scheduledAt: old, endedAt: old } }, { $sort: OLDEST_FIRST }, { $limit: 2 }];
  return [
    ...(keepLast ? [namedKey('newest', of, [...newest, { $limit: 1 }])] : []),
    ...(keep === undefined ? [] : [namedKey('beyond', of, [...newest, { $skip: keep }, { $limit: 1 }])]),
    ...(old === undefined ? [] : [named('old', of, oldest)]),
  ];
}

export function newestThatRan({ jobUid, keepLast }: RunPruning, of: number): Document[][] {
  const ran = [{ $match: { jobUid: packId(jobUid), status: { $ne: 'skipped' } } }, { $sort: NEWEST_FIRST }];
  return keepLast ? [named('ran', of, [...ran, { $limit: 1 }])] : [];
}

/** The oldest records that may go; `beyond` is the newest one that is one too many. */
export function oldestThatMayGo(
  { pruning, beyond }: { readonly pruning: RunPruning; readonly beyond: Look | undefined },
  of: number,
  limit: number,
): Document[] {
  return named('may go', of, [{ $match: mayGo(pruning, beyond) }, { $sort: OLDEST_FIRST }, { $limit: limit }]);
}

function mayGo({ jobUid, olderThan, endedBefore, unsettled }: RunPruning, beyond: Look | undefined): Document {
  const reasons: Document[] = olderThan === undefined ? [] : [{ endedAt: { $lt: new Date(olderThan) } }];
  if (beyond !== undefined) {
    reasons.push({ scheduledAt: { $lt: beyond.scheduledAt } });
    reasons.push({ scheduledAt: beyond.scheduledAt, _id: { $lte: beyond._id } });
  }
  // Nothing ends before its time, so this is as far as the index must be read.
  const latestAt = Math.max(beyond?.scheduledAt.getTime() ?? 0, olderThan ?? 0);
  return {
    jobUid: packId(jobUid),
    scheduledAt: { $lte: new Date(latestAt) },
    endedAt: { $lt: new Date(endedBefore) },
    ...ENDED,
    $or: reasons,
    ...(unsettled === undefined ? {} : { $nor: [{ tickKey: unsettledKeys(jobUid, unsettled) }] }),
  };
}

function unsettledKeys(jobUid: string, { epoch, from }: NonNullable<RunPruning['unsettled']>): Document {
  return { $gte: tickKey({ uid: jobUid, epoch }, from), $lt: `${jobUid}:${epoch}:~` };
}
