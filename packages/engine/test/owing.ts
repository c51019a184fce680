import type { RunRecord } from '@simple-scheduler/core';

/** A run as it is made, its action still owed. */
export function owing(id: string): RunRecord {
  return {
    id,
    jobName: 'job',
    jobUid: 'uid',
    rev: 0,
    status: 'pending',
    trigger: 'schedule',
    scheduledAt: 1,
    createdAt: 1,
    attempt: 1,
    owes: 'run',
    startTimeoutMs: 0,
    executionTimeoutMs: 0,
    cancelTimeoutMs: 0,
    heartbeatTimeoutMs: 0,
  };
}
