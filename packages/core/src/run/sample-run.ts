import type { RunRecord } from '../records/index.ts';

/** A pending run whose action is owed, for tests: created at 1,000, with every timeout set. */
export function sampleRun(fields: Partial<RunRecord> = {}): RunRecord {
  return {
    id: '000000000000000000000001',
    jobName: 'job',
    jobUid: 'a'.repeat(24),
    rev: 0,
    status: 'pending',
    trigger: 'schedule',
    scheduledAt: 1_000,
    createdAt: 1_000,
    attempt: 1,
    owes: 'run',
    slot: `${'a'.repeat(24)}:a`,
    watchAt: 6_000,
    startTimeoutMs: 10_000,
    executionTimeoutMs: 60_000,
    cancelTimeoutMs: 30_000,
    heartbeatTimeoutMs: 5_000,
    ...fields,
  };
}
