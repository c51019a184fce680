import type { JobEditable, JobOptional, JobRecord } from '@simple-scheduler/core';
import type { Document, ObjectId } from 'mongodb';
import type { PackedId } from './packed-id.ts';
import { type EncodedChange, RecordCodec } from './record-codec.ts';
import { json, packed, plain, text, time, type ValueCodec } from './values.ts';

/**
 * A job, or what is left of one that was deleted.
 *
 * - `_id` is the uid, the unique name a field of its own. So a deletion is one write to one document, which becomes a
 *   tombstone (`DeletionDocument`) and gives its name back; a record in another collection could be lost, or be there for
 *   a job that still exists, when a process dies between two writes.
 * - A free job has no `managerId`; only jobs that are enabled and have a `nextRunAt` ever have one.
 */
export interface JobDocument {
  readonly _id: PackedId;
  /** For finding jobs by label: one text per label, beside the labels as JSON in `meta`. */
  readonly labels?: readonly string[];
  /** The call that took the job last, and the one that moved `nextRunAt` on last; so they can tell what they got. */
  readonly takeMark?: ObjectId;
  readonly advanceMark?: ObjectId;
  readonly [field: string]: unknown;
}

/** A deleted job whose clean-up is not done yet. Has none of the fields that jobs are found by. */
export interface DeletionDocument {
  readonly _id: PackedId;
  readonly deletedAt: Date;
  readonly job: JobDocument;
}

const codec: RecordCodec<JobRecord> = new RecordCodec<JobRecord>(
  {
    uid: packed,
    name: text,
    epoch: plain(),
    revision: plain(),
    description: text,
    enabled: plain(),
    intervalMs: plain(),
    anchorAt: time,
    cron: text,
    timezone: text,
    nextRunAt: time,
    misfirePolicy: plain(),
    misfireLimit: plain(),
    misfireGraceMs: plain(),
    runStartTimeoutMs: plain(),
    runExecutionTimeoutMs: plain(),
    cancelTimeoutMs: plain(),
    heartbeatTimeoutMs: plain(),
    maxRetries: plain(),
    retryBackoff: plain(),
    retryDelayMs: plain(),
    retryMaxDelayMs: plain(),
    maxRestarts: plain(),
    startAt: time,
    endAt: time,
    jitterMs: plain(),
    retentionCount: plain(),
    retentionAgeMs: plain(),
    allowConcurrentRuns: plain(),
    maxQueueCount: plain(),
    payload: json,
    meta: json as ValueCodec<Readonly<Record<string, string>>>,
    workQueue: text,
    completedAt: time,
    owedFrom: time,
    prunedTo: time,
    createdAt: time,
    updatedAt: time,
    managerId: text,
    leaseToken: plain(),
  },
  'uid',
);

/** JSON keeps apart what `key=value` would not: a key may hold any character. */
export function labelsOf(meta: Readonly<Record<string, string>>): string[] {
  return Object.entries(meta).map((label) => JSON.stringify(label));
}

export function encodeJob(job: JobRecord): JobDocument {
  const labels = labelsOf(job.meta ?? {});
  const document: Document = { ...codec.encode(job), ...(labels.length > 0 ? { labels } : {}) };
  return document as JobDocument;
}

export function decodeJob(document: Document): JobRecord {
  return codec.decode(document);
}

/** From what a query with `raw` gives. */
export function readJob(document: JobDocument): JobRecord {
  return codec.read(document as unknown as Buffer);
}

/** Keeps the labels in step with `meta`. */
export function encodeJobChange(set: Partial<JobEditable>, unset: readonly JobOptional[]): EncodedChange {
  const change = codec.encodeChange(set, unset);
  if (unset.includes('meta')) return { ...change, $unset: { ...change.$unset, labels: '' } };
  if (set.meta === undefined) return change;
  const labels = labelsOf(set.meta);
  return labels.length > 0
    ? { ...change, $set: { ...change.$set, labels } }
    : { ...change, $unset: { ...change.$unset, labels: '' } };
}
