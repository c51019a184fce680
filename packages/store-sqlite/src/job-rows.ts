import type { JobRecord } from '@simple-scheduler/core';
import type { Database } from './database.ts';
import { Fields } from './fields.ts';

export const JOB_FIELDS: Fields<JobRecord> = new Fields<JobRecord>({
  name: 'plain',
  uid: 'plain',
  epoch: 'plain',
  revision: 'plain',
  enabled: 'flag',
  nextRunAt: 'plain',
  completedAt: 'plain',
  updatedAt: 'plain',
  managerId: 'plain',
  leaseToken: 'plain',
  prunedTo: 'plain',
  description: 'rest',
  intervalMs: 'rest',
  anchorAt: 'rest',
  cron: 'rest',
  timezone: 'rest',
  misfirePolicy: 'rest',
  misfireLimit: 'rest',
  misfireGraceMs: 'rest',
  runStartTimeoutMs: 'rest',
  runExecutionTimeoutMs: 'rest',
  cancelTimeoutMs: 'rest',
  heartbeatTimeoutMs: 'rest',
  maxRetries: 'rest',
  retryBackoff: 'rest',
  retryDelayMs: 'rest',
  retryMaxDelayMs: 'rest',
  maxRestarts: 'rest',
  startAt: 'rest',
  endAt: 'rest',
  jitterMs: 'rest',
  retentionCount: 'rest',
  retentionAgeMs: 'rest',
  owedFrom: 'rest',
  allowConcurrentRuns: 'rest',
  maxQueueCount: 'rest',
  payload: 'rest',
  meta: 'rest',
  workQueue: 'rest',
  createdAt: 'rest',
});

const SELECT_ONE = `SELECT ${JOB_FIELDS.columns} FROM jobs WHERE name = ?`;

export function findJob(db: Database, name: string): JobRecord | null {
  const row = db.get(SELECT_ONE, name);
  return row ? JOB_FIELDS.decode(row) : null;
}

/** One label as it is looked up. JSON tells apart all pairs of texts, and is plain ASCII where it must be. */
export const labelOf = ([key, value]: readonly [string, string]): string => JSON.stringify([key, value]);

/** Makes the labels in the index those of the record. */
export function replaceLabels(db: Database, name: string, meta: JobRecord['meta']): void {
  db.run('DELETE FROM labels WHERE name = ?', name);
  for (const entry of Object.entries(meta ?? {}))
    db.run('INSERT INTO labels (label, name) VALUES (?, ?)', labelOf(entry), name);
}
