import type { RunChange, RunClearable, RunMutable, RunRecord } from '../records/index.ts';

/**
 * The record without these fields: undefined is as absent as what is not there, here and on every store. They are not
 * deleted, since V8 turns an object that lost a property into a hash table, and all that follows takes ten times as long.
 */
export function without(run: RunRecord, ...fields: readonly RunClearable[]): RunRecord {
  const copy: Record<string, unknown> = { ...run };
  for (const field of fields) if (copy[field] !== undefined) copy[field] = undefined;
  return copy as unknown as RunRecord;
}

/** Every one, or it does not compile: `changeBetween` would pass over what is missing here. */
const CLEARABLE_FIELDS: Readonly<Record<RunClearable, true>> = {
  publishedAt: true,
  startedAt: true,
  heartbeatAt: true,
  cancellingAt: true,
  nextRetryAt: true,
  progress: true,
  message: true,
  error: true,
  workerId: true,
  slot: true,
  waiting: true,
  owes: true,
  watchAt: true,
  reason: true,
};
const MUTABLE_FIELDS: Readonly<Record<keyof RunMutable, true>> = {
  ...CLEARABLE_FIELDS,
  status: true,
  endedAt: true,
  attempt: true,
  attempts: true,
  output: true,
};
const CLEARABLE = Object.keys(CLEARABLE_FIELDS) as readonly RunClearable[];
const MUTABLE = Object.keys(MUTABLE_FIELDS) as readonly (keyof RunMutable)[];

/**
 * Written without a new revision by whoever publishes or hears a heartbeat. Of an attempt, that is: what has been written
 * since `before` was read is about that one, and must not pass over to the next.
 */
const OF_ATTEMPT: ReadonlySet<string> = new Set<RunClearable>([
  'owes',
  'publishedAt',
  'watchAt',
  'heartbeatAt',
  'progress',
  'message',
]);

/** What to write to turn `before` into `after`. Values are compared by identity: transitions keep what they do not touch. */
export function changeBetween(before: RunRecord, after: RunRecord): RunChange {
  const isNextAttempt = before.attempt !== after.attempt;
  const mayDiffer = (field: keyof RunMutable): boolean =>
    before[field] !== after[field] || (isNextAttempt && OF_ATTEMPT.has(field));
  const set: Record<string, unknown> = {};
  for (const field of MUTABLE) if (after[field] !== undefined && mayDiffer(field)) set[field] = after[field];
  const unset = CLEARABLE.filter((field) => after[field] === undefined && mayDiffer(field));
  return { set, unset };
}

export const isNoChange = (change: RunChange): boolean =>
  change.unset.length === 0 && Object.keys(change.set).length === 0;
