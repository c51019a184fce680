import { ENDED_STATUSES, type EndedStatus, isLive, type RunStatus } from '@simple-scheduler/contracts/vocabulary';
import type { AttemptRecord, RunChange, RunRecord } from '@simple-scheduler/core';
import type { Document, ObjectId } from 'mongodb';
import type { PackedId } from './packed-id.ts';
import { type EncodedChange, RecordCodec } from './record-codec.ts';
import { json, packed, plain, text, time, type ValueCodec } from './values.ts';

/** A run. `_id` is its id. */
export interface RunDocument {
  readonly _id: PackedId;
  readonly phase: Phase;
  /** The call that made the last update under `rev`; so it can tell what it changed. */
  readonly updateMark?: ObjectId;
  readonly [field: string]: unknown;
}

/**
 * The status as indexes see it: all live ones are one phase. A run moves once in an index on it, when it ends, instead of
 * with each of its statuses; the few live runs that a query for one live status reads in vain cost less.
 */
export type Phase = 'live' | EndedStatus;

export const PHASES: readonly Phase[] = ['live', ...ENDED_STATUSES];

export function phaseOf(status: RunStatus): Phase {
  return isLive(status) ? 'live' : status;
}

const attemptCodec = new RecordCodec<AttemptRecord>({
  attempt: plain(),
  startedAt: time,
  endedAt: time,
  outcome: plain(),
  error: text,
  workerId: text,
});

const attempts: ValueCodec<readonly AttemptRecord[]> = {
  encode: (value) => value.map((attempt) => attemptCodec.encode(attempt)),
  decode: (stored) => (stored as Document[]).map((attempt) => attemptCodec.decode(attempt)),
};

const codec: RecordCodec<RunRecord> = new RecordCodec<RunRecord>(
  {
    id: packed,
    jobName: text,
    jobUid: packed,
    tickKey: text,
    rev: plain(),
    status: plain(),
    trigger: plain(),
    scheduledAt: time,
    createdAt: time,
    publishedAt: time,
    startedAt: time,
    endedAt: time,
    heartbeatAt: time,
    cancellingAt: time,
    attempt: plain(),
    attempts,
    nextRetryAt: time,
    reason: plain(),
    progress: plain(),
    message: text,
    output: json,
    error: text,
    workerId: text,
    parentRunId: packed,
    payload: json,
    slot: text,
    waiting: plain(),
    owes: plain(),
    watchAt: time,
    workQueue: text,
    startTimeoutMs: plain(),
    executionTimeoutMs: plain(),
    cancelTimeoutMs: plain(),
    heartbeatTimeoutMs: plain(),
    maxRetries: plain(),
    retryBackoff: plain(),
    retryDelayMs: plain(),
    retryMaxDelayMs: plain(),
    maxRestarts: plain(),
    spanTo: time,
    spanCount: plain(),
  },
  'id',
);

export function encodeRun(run: RunRecord): RunDocument {
  return { ...codec.encode(run), phase: phaseOf(run.status) } as RunDocument;
}

export function decodeRun(document: Document): RunRecord {
  return codec.decode(document);
}

/** From what a query with `raw` gives. */
export function readRun(document: RunDocument): RunRecord {
  return codec.read(document as unknown as Buffer);
}

/** Keeps the phase in step with `status`. */
export function encodeRunChange({ set, unset }: RunChange): EncodedChange {
  const change = codec.encodeChange(set, unset);
  return set.status === undefined ? change : { ...change, $set: { ...change.$set, phase: phaseOf(set.status) } };
}
