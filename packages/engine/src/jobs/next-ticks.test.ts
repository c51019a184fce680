import type { JobRecord } from '@simple-scheduler/core';
import { describe, expect, it } from 'vitest';
import { ticksOf } from './next-ticks.ts';

const job = (fields: Partial<JobRecord>): JobRecord => ({
  name: 'a',
  uid: 'u',
  epoch: 0,
  revision: 1,
  enabled: true,
  timezone: 'UTC',
  misfirePolicy: 'fire_once',
  misfireLimit: 100,
  misfireGraceMs: 60_000,
  runStartTimeoutMs: 0,
  runExecutionTimeoutMs: 0,
  cancelTimeoutMs: 0,
  heartbeatTimeoutMs: 0,
  allowConcurrentRuns: false,
  maxQueueCount: 0,
  createdAt: 0,
  updatedAt: 0,
  leaseToken: 0,
  ...fields,
});

describe('the next ticks', () => {
  it('begin with nextRunAt, also off the grid of a cron', () => {
    expect(ticksOf(job({ cron: '* * * * *', nextRunAt: 61_500 }), 0, 3)).toEqual([61_500, 120_000, 180_000]);
  });
  it('leave out what is overdue of a schedule', () => {
    expect(ticksOf(job({ intervalMs: 100, anchorAt: 50, nextRunAt: 150 }), 1_000, 2)).toEqual([1_050, 1_150]);
  });
  it('are none once the schedule has ended, though its last ones passed in a pause', () => {
    expect(ticksOf(job({ intervalMs: 100, anchorAt: 50, nextRunAt: 150, endAt: 300 }), 1_000, 2)).toEqual([]);
  });
  it('hold the only one of a once job, overdue or not', () => {
    expect(ticksOf(job({ nextRunAt: 150 }), 1_000, 5)).toEqual([150]);
    expect(ticksOf(job({ nextRunAt: 1_500 }), 1_000, 5)).toEqual([1_500]);
  });
  it('are none for a job that only runs when asked', () => {
    expect(ticksOf(job({}), 1_000, 5)).toEqual([]);
  });
});
