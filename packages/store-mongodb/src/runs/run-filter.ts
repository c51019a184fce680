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
 * How far a run's start or heartbeat may lie before its creation, as the clocks of two machines tell them. Runs are read
 * newest first, so a list of those started before some moment would else read every run made since in vain.
 */
const CLOCK_SKEW_MAX_MS = 3_600_000;

/**
 * Statuses and job are found by an index, times of creation by the id. Start and heartbeat have no index, since a
 * heartbeat must not cost an index write: they are looked at in the documents, of live runs or of those made before.
 */
export function planRunQuery(query: RunQuery): PlannedQuery {
  const { jobName, statuses, startedBefore, heartbeatBefore } = query;
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
  return { filter, hint: statuses === undefined ? '_id_' : RUN_INDEX.phaseId };
}

function idBounds({ after, createdAfter, createdBefore, startedBefore, heartbeatBefore }: RunQuery): Document {
  const createdBounds = [
    createdBefore,
    ...[startedBefore, heartbeatBefore].map((at) => (at === undefined ? undefined : at + CLOCK_SKEW_MAX_MS)),
  ].filter((at) => at !== undefined);
  const bound = createdBounds.length === 0 ? null : leastRunId(Math.min(...createdBounds));
  const bounds: Document[] = [
    ...(after === undefined ? [] : [{ $lt: packId(after) }]),
    ...(bound === null ? [] : [{ $lt: bound }]),
    // No id is as great as a time that no id has.
    ...(createdAfter === undefined ? [] : [{ $gte: leastRunId(createdAfter) ?? BEYOND_IDS }]),
  ];
  if (bounds.length === 0) return {};
  return bounds.length === 1 ? { _id: bounds[0] } : { $and: bounds.map((each) => ({ _id: each })) };
}
