import type { JobQuery } from '@simple-scheduler/engine';
import type { Document } from 'mongodb';
import { labelsOf } from '../documents/job-document.ts';
import { JOB_INDEX } from '../index-names.ts';
import { nameRange } from './name-range.ts';

export interface PlannedQuery {
  readonly filter: Document;
  /** The index that reads in the order asked for. Named, so that a plan that once suited other values is never reused. */
  readonly hint: string;
}

/** Null: no job can match. */
export function planJobQuery({ after, name, namePrefix, enabled, meta }: JobQuery): PlannedQuery | null {
  // Texts that are not well formed are no names, and cannot be sent as they are.
  if ([after, name, namePrefix].some((given) => given?.isWellFormed() === false)) return null;
  const labels = labelsOf(meta ?? {});
  const range = nameRange({
    ...(after === undefined ? {} : { after }),
    ...(namePrefix === undefined ? {} : { prefix: namePrefix }),
  });
  const filter = {
    name: name === undefined ? range : { ...range, $eq: name },
    // With labels each value is a place of its own in the index, and the two are merged in order of the name.
    ...(enabled === undefined ? (labels.length > 0 ? { enabled: { $in: [false, true] } } : {}) : { enabled }),
    ...(labels.length === 0 ? {} : { labels: { $all: labels } }),
  };
  if (name !== undefined) return { filter, hint: JOB_INDEX.name };
  if (labels.length > 0) return { filter, hint: JOB_INDEX.labelsEnabledName };
  return { filter, hint: enabled === undefined ? JOB_INDEX.name : JOB_INDEX.enabledName };
}
