import type { RunRecord } from '@simple-scheduler/core';

/** A request under an idempotency key, kept so that sending it again does nothing again. */
export interface RequestRecord {
  /** What was asked for, of which job or run, and a digest of the key. */
  readonly id: string;
  /** Digest of the body. */
  readonly fingerprint: string;
  /** The run that it makes: decided before the run is made, so that whoever comes second makes the same one. */
  readonly runId: string;
  readonly createdAt: number;
  /** What its caller was told; absent until the run is known to be made. */
  readonly answer?: RunRecord;
}

export interface RequestStore {
  getRequest(id: string): Promise<RequestRecord | null>;
  /** Keeps it where its id is new. Returns what is kept: this one, or an earlier one. */
  keepRequest(request: RequestRecord): Promise<RequestRecord>;
  /** Adds the answer where there is none yet. Returns the one that is kept; null: there is no such request. */
  answerRequest(id: string, answer: RunRecord): Promise<RunRecord | null>;
  /** Requests without an answer, ordered by id, those greater than `after`. */
  openRequests(page: { after?: string; limit: number }): Promise<RequestRecord[]>;
  /** Removes up to `limit` of those created before. Returns how many. */
  forgetRequests(createdBefore: number, limit: number): Promise<number>;
}
