import type { RunRecord } from '@simple-scheduler/core';
import { Fields } from './fields.ts';

export const RUN_FIELDS: Fields<RunRecord> = new Fields<RunRecord>({
  id: 'plain',
  jobName: 'plain',
  jobUid: 'plain',
  tickKey: 'plain',
  rev: 'plain',
  status: 'plain',
  createdAt: 'plain',
  publishedAt: 'plain',
  startedAt: 'plain',
  endedAt: 'plain',
  heartbeatAt: 'plain',
  cancellingAt: 'plain',
  attempt: 'plain',
  attempts: 'json',
  nextRetryAt: 'plain',
  reason: 'plain',
  progress: 'plain',
  message: 'json',
  output: 'json',
  error: 'json',
  workerId: 'json',
  slot: 'plain',
  waiting: 'flag',
  owes: 'plain',
  watchAt: 'plain',
  trigger: 'rest',
  scheduledAt: 'rest',
  parentRunId: 'rest',
  payload: 'rest',
  workQueue: 'rest',
  startTimeoutMs: 'rest',
  executionTimeoutMs: 'rest',
  cancelTimeoutMs: 'rest',
  heartbeatTimeoutMs: 'rest',
  spanTo: 'rest',
  spanCount: 'rest',
});

/** Written as the partial indexes have it. */
export const LIVE = "status IN ('pending', 'running', 'cancelling')";
