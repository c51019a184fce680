import { SchedulerError } from './errors.ts';

/**
 * What changed in the store, by whomever: every process that writes to the same database is heard. Every driver runs the
 * suite in `packages/conformance`.
 */
export interface ChangeFeed {
  /**
   * Changes after the cursor `after`, or from now on, in the order in which they were committed.
   *
   * - The first batch comes at once, if only to tell where the feed stands. Later ones come with changes, and now and
   *   then without any: a cursor that is too old some day is kept young by that.
   * - Whoever follows again from a batch's cursor, or from a change's, misses nothing that came after it.
   * - A cursor that is too old or was never one gives a first batch with `lost`, from which the feed goes on: what was
   *   before has to be read anew.
   * - Ends when the signal is aborted. Rejects with `StoreUnavailableError` when the database goes away for longer than
   *   the driver bridges by itself: follow again from the last cursor. Rejects with `NoChangeFeedError` where the
   *   database keeps no log of its changes.
   */
  follow(after: string | undefined, signal: AbortSignal): AsyncIterable<ChangeBatch>;
}

/** For what is both: a store, and the feed of its changes. */
export interface ChangeSource {
  readonly changes: ChangeFeed;
}

export interface ChangeBatch {
  readonly changes: readonly Change[];
  /** At or after the last of these changes. */
  readonly cursor: string;
  /** Changes before this batch are not to be had. */
  readonly lost?: true;
}

/** That a record changed, not what it is now: ten changes in a row are one reading. */
export interface Change {
  /** Text of letters, digits and `-`. Cursors of one database sort, by code units, in the order of the changes. */
  readonly cursor: string;
  readonly kind: 'job' | 'run';
  /** The name of a job, the id of a run. */
  readonly id: string;
  readonly deleted: boolean;
}

/** Raised where the database keeps no log that changes could be followed by, and says what it would take. */
export class NoChangeFeedError extends SchedulerError {
  constructor(message: string) {
    super(message, { code: 'unavailable', retryable: false });
  }
}
