import type { RunChange, RunClearable, RunMutable, RunRecord } from '../records/index.ts';

/** The record without these fields: on every store, absent is absent. */
export function without(run: RunRecord, ...fields: readonly RunClearable[]): RunRecord {
  const copy: Record<string, unknown> = { ...run };
  for (const field of fields) delete copy[field];
  return copy as unknown as RunRecord;
}

const CLEARABLE = [
  'publishedAt',
  'startedAt',
  'heartbeatAt',
  'cancellingAt',
  'nextRetryAt',
  'progress',
  'message',
  'error',
  'workerId',
  'slot',
  'waiting',
  'owes',
  'watchAt',
  'reason',
] as const satisfies readonly RunClearable[];
const MUTABLE = [
  ...CLEARABLE,
  'status',
  'endedAt',
  'attempt',
  'attempts',
  'output',
] as const satisfies readonly (keyof RunMutable)[];

/** What to write to turn `before` into `after`. Values are compared by identity: transitions keep what they do not touch. */
export function changeBetween(before: RunRecord, after: RunRecord): RunChange {
  const set: Record<string, unknown> = {};
  for (const field of MUTABLE)
    if (after[field] !== undefined && after[field] !== before[field]) set[field] = after[field];
  const unset = CLEARABLE.filter((field) => before[field] !== undefined && after[field] === undefined);
  return { set, unset };
}

export const isNoChange = (change: RunChange): boolean =>
  change.unset.length === 0 && Object.keys(change.set).length === 0;
