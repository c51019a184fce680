import type { RunQuery } from '@simple-scheduler/engine';
import { type Document, ObjectId } from 'mongodb';
import { leastRunId, packId } from '../documents/packed-id.ts';
import { PHASES, phaseOf } from '../documents/run-document.ts';
import { RUN_INDEX } from '../index-names.ts';

export interface PlannedQuery {
  readonly filter: Document;
  /** The index that reads in the order asked for. Named, so that a plan that once suited other values is never reused. */
  readonly hint: string;
}

const BEYOND_IDS = ObjectId.createFromHexString('f'.repeat(24));

/**
 * Statuses and job are found by an index, times of creation by the id. Start and heartbeat have no index, since a
 * heartbeat must not cost an index write: they are looked at in the documents.
 */
export function planRunQuery(query: RunQuery): PlannedQuery {
  const { jobName, statuses, startedBefore, heartbeatBefore } = query;
  const cancelling = jobName === undefined && statuses?.length === 1 && statuses[0] === 'cancelling';
  const phases = statuses === undefined ? PHASES : [...new Set(statuses.map(phaseOf))];
  const filter: Document = {
    ...idBounds(query),
    ...(jobName === undefined ? {} : { jobName }),
    ...(jobName === undefined && statuses === undefined ? {} : { phase: { $in: phases } }),
    ...(statuses === undefined ? {} : { status: { $in: statuses } }),
    ...(startedBefore === undefined ? {} : { startedAt: { $lt: new Date(startedBefore) } }),
    ...(heartbeatBefore === undefined ? {} : { heartbeatAt: { $lt: new Date(heartbeatBefore) } }),
  };
  if (jobName !== undefined) return { filter, hint: RUN_INDEX.jobNamePhaseId };
  if (cancelling) return { filter: { ...filter, status: 'cancelling' }, hint: RUN_INDEX.cancellingId };
  return { filter, hint: statuses === undefined ? '_id_' : RUN_INDEX.phaseId };
}

function idBounds({ after, createdAfter, createdBefore }: RunQuery): Document {
  const bound = createdBefore === undefined ? null : leastRunId(createdBefore);
  const bounds: Document[] = [
    ...(after === undefined ? [] : [{ $lt: packId(after) }]),
    ...(bound === null ? [] : [{ $lt: bound }]),
    // No id is as great as a time that no id has.
    ...(createdAfter === undefined ? [] : [{ $gte: leastRunId(createdAfter) ?? BEYOND_IDS }]),
  ];
  if (bounds.length === 0) return {};
  return bounds.length === 1 ? { _id: bounds[0] } : { $and: bounds.map((each) => ({ _id: each })) };
}
