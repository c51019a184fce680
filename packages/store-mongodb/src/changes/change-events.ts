import type { Change } from '@simple-scheduler/engine';
import type { Document } from 'mongodb';
import { type PackedId, unpackId } from '../documents/packed-id.ts';

/** A change as the pipeline below leaves it: which document, and as little of it as tells what it means. */
export interface ChangeEvent {
  /** The resume token. */
  readonly _id: { readonly _data: string };
  readonly operationType: 'insert' | 'update' | 'replace' | 'delete';
  readonly ns: { readonly coll: string };
  readonly documentKey: { readonly _id: PackedId };
  readonly fullDocument?: JobParts;
  readonly updateDescription?: { readonly updatedFields?: JobParts };
}

interface JobParts {
  readonly name?: string;
  readonly deletedAt?: Date;
  readonly job?: { readonly name?: string };
}

/**
 * Cut down on the server: outputs and payloads do not travel for the sake of a name. A job that goes becomes its
 * tombstone; what is removed from the jobs later is that tombstone, which nobody saw.
 */
export const PIPELINE: Document[] = [
  {
    $match: {
      $or: [
        { 'ns.coll': 'runs', operationType: { $in: ['insert', 'update', 'replace', 'delete'] } },
        { 'ns.coll': 'jobs', operationType: { $in: ['insert', 'update', 'replace'] } },
      ],
    },
  },
  {
    $project: {
      operationType: 1,
      'ns.coll': 1,
      documentKey: 1,
      'fullDocument.name': 1,
      'fullDocument.deletedAt': 1,
      'fullDocument.job.name': 1,
      'updateDescription.updatedFields.deletedAt': 1,
      'updateDescription.updatedFields.job.name': 1,
    },
  },
];

/** What is known of a change without asking; a job whose name is not has `name` undefined. */
export type SeenChange =
  | { readonly kind: 'run'; readonly change: Change }
  | { readonly kind: 'job'; readonly uid: string; readonly name: string | undefined; readonly deleted: boolean };

export function seenIn(event: ChangeEvent): SeenChange {
  const id = unpackId(event.documentKey._id);
  const cursor = event._id._data;
  if (event.ns.coll === 'runs')
    return { kind: 'run', change: { cursor, kind: 'run', id, deleted: event.operationType === 'delete' } };
  const parts = event.fullDocument ?? event.updateDescription?.updatedFields;
  const deleted = parts?.deletedAt !== undefined;
  return { kind: 'job', uid: id, name: deleted ? parts?.job?.name : parts?.name, deleted };
}
