import type { RunRecord } from '@simple-scheduler/core';
import type { RequestRecord } from '@simple-scheduler/engine';
import { RecordCodec } from './record-codec.ts';
import { json, packed, text, time, type ValueCodec } from './values.ts';

/** A request under an idempotency key. `_id` is its id; ids are made of hex digits and words. */
export interface RequestDocument {
  readonly _id: string;
  /** There while there is no answer: what the index on it holds. */
  readonly open?: true;
  readonly [field: string]: unknown;
}

const codec: RecordCodec<RequestRecord> = new RecordCodec<RequestRecord>(
  { id: text, fingerprint: text, runId: packed, createdAt: time, answer: json as ValueCodec<RunRecord> },
  'id',
);

export function encodeRequest(request: RequestRecord): RequestDocument {
  const document = codec.encode(request) as RequestDocument;
  return request.answer === undefined ? { ...document, open: true } : document;
}

export function decodeRequest(document: RequestDocument): RequestRecord {
  return codec.decode(document);
}

export const encodeAnswer = (answer: RunRecord): unknown => json.encode(answer);
