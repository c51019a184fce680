import { T0 } from '@simple-scheduler/conformance';
import { describe, expect, it } from 'vitest';
import { leastRunId } from '../documents/packed-id.ts';
import { PHASES } from '../documents/run-document.ts';
import { planRunQuery } from './run-filter.ts';

describe('plans of run lists', () => {
  it('read by the id where nothing is asked for', () => {
    expect(planRunQuery({ limit: 10 })).toStrictEqual({ filter: {}, hint: '_id_' });
  });

  it('read one phase for live statuses, and look at the status in the documents', () => {
    expect(planRunQuery({ limit: 10, statuses: ['running', 'pending', 'failed'] })).toStrictEqual({
      filter: { phase: { $in: ['live', 'failed'] }, status: { $in: ['running', 'pending', 'failed'] } },
      hint: 'phase_id',
    });
  });

  it('read the few runs that are cancelling from an index of their own', () => {
    expect(planRunQuery({ limit: 10, statuses: ['cancelling'] })).toStrictEqual({
      filter: { phase: { $in: ['live'] }, status: 'cancelling' },
      hint: 'cancelling_id',
    });
    expect(planRunQuery({ limit: 10, statuses: ['cancelling', 'running'] }).hint).toBe('phase_id');
    expect(planRunQuery({ limit: 10, statuses: ['cancelling'], jobName: 'a' }).hint).toBe('jobName_phase_id');
  });

  it('read all phases of a job', () => {
    expect(planRunQuery({ limit: 10, jobName: 'report' })).toStrictEqual({
      filter: { jobName: 'report', phase: { $in: PHASES } },
      hint: 'jobName_phase_id',
    });
  });

  it('turn times of creation into bounds of the id', () => {
    expect(planRunQuery({ limit: 10, createdBefore: T0 }).filter).toStrictEqual({ _id: { $lt: leastRunId(T0) } });
    expect(planRunQuery({ limit: 10, createdBefore: 2 ** 50 }).filter).toStrictEqual({});
    expect(planRunQuery({ limit: 10, createdAfter: T0 }).filter).toStrictEqual({ _id: { $gte: leastRunId(T0) } });
    expect(planRunQuery({ limit: 10, createdAfter: T0, createdBefore: T0 + 9 }).filter['$and']).toHaveLength(2);
  });

  it('hold the cursor and a time at once', () => {
    const after = '0199abcdef0123456789abcd';
    expect(planRunQuery({ limit: 10, after, createdBefore: T0 }).filter['$and']).toHaveLength(2);
  });
});
