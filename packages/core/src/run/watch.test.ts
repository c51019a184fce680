import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../records/index.ts';
import { PUBLISH_AGAIN_MS, PUBLISH_GRACE_MS, withdrawn } from './deadlines.ts';
import { changeBetween, isNoChange, without } from './record.ts';
import { sampleRun } from './sample-run.ts';
import { supervise } from './watch.ts';

const running = (fields: Partial<RunRecord> = {}): RunRecord => ({
  ...without(sampleRun(), 'owes'),
  status: 'running',
  publishedAt: 1_000,
  startedAt: 1_000,
  heartbeatAt: 1_000,
  watchAt: 6_000,
  workerId: 'w1',
  ...fields,
});

describe('an action that its publisher could not publish', () => {
  const owing = { ...sampleRun(), watchAt: 6_000 };

  it('is looked at soon, not at the end of the grace', () => {
    expect(withdrawn(owing, 2_000)).toEqual({ ...owing, watchAt: 2_000 + PUBLISH_AGAIN_MS });
  });

  it('is looked at no later than it was to be anyway', () => {
    expect(withdrawn(owing, 5_999)).toEqual(owing);
  });
});

describe('supervise', () => {
  it('publishes again what the bus did not confirm, under a claim', () => {
    const decision = supervise(sampleRun(), 6_000);
    expect(decision).toMatchObject({
      kind: 'change',
      repair: 'republished',
      run: { status: 'pending', owes: 'run', watchAt: 6_000 + PUBLISH_GRACE_MS },
    });
  });

  it('gives a silent worker up: next attempt, and the earlier one kept', () => {
    const decision = supervise(running(), 6_000);
    expect(decision).toMatchObject({
      repair: 'lost',
      run: {
        status: 'pending',
        attempt: 2,
        owes: 'run',
        attempts: [{ attempt: 1, startedAt: 1_000, endedAt: 6_000, outcome: 'lost', workerId: 'w1' }],
      },
    });
    for (const field of ['startedAt', 'heartbeatAt', 'publishedAt', 'workerId'] as const)
      expect(decision.run[field]).toBeUndefined();
    expect(decision.run.slot).toBe(running().slot);
  });

  it('only moves the deadline when a heartbeat came since', () => {
    const decision = supervise(running({ heartbeatAt: 5_000 }), 6_000);
    expect(decision).toMatchObject({ repair: 'none', run: { status: 'running', watchAt: 10_000 } });
  });

  it('does what was due first when two deadlines have passed', () => {
    expect(supervise(running({ heartbeatTimeoutMs: 0 }), 70_000)).toMatchObject({
      repair: 'execution_timeout',
      run: { status: 'cancelling', reason: 'execution_timeout', owes: 'cancel' },
    });
    expect(supervise(running(), 70_000)).toMatchObject({ repair: 'lost' });
  });

  it('cancels a run that no worker took in time, counted from its publication', () => {
    const published = { ...without(sampleRun(), 'owes'), publishedAt: 2_000, watchAt: 12_000 };
    expect(supervise(published, 12_000)).toMatchObject({
      repair: 'start_timeout',
      run: { status: 'cancelling', reason: 'start_timeout' },
    });
    expect(supervise(published, 11_999)).toMatchObject({ repair: 'none', run: { watchAt: 12_000 } });
  });

  it('ends a run that stays cancelling, unless that has no timeout', () => {
    const cancelling: RunRecord = {
      ...running(),
      status: 'cancelling',
      cancellingAt: 2_000,
      reason: 'requested',
      watchAt: 32_000,
    };
    expect(supervise(cancelling, 32_000)).toMatchObject({
      repair: 'cancel_timeout',
      run: { status: 'cancelled', endedAt: 32_000 },
    });
    const patient = supervise({ ...cancelling, cancelTimeoutMs: 0 }, 32_000);
    expect(patient).toMatchObject({ repair: 'none', run: { status: 'cancelling' } });
    expect(patient.run.watchAt).toBeUndefined();
  });

  it('lets a waiting run look at its place again later', () => {
    const waiting = { ...without(sampleRun(), 'owes'), waiting: true };
    expect(supervise(waiting, 6_000)).toMatchObject({ kind: 'promote', run: { watchAt: 11_000 } });
  });
});

describe('changeBetween', () => {
  it('names what to set and what to clear, and nothing else', () => {
    const before = running();
    const after = { ...without(before, 'slot', 'watchAt'), status: 'completed' as const, endedAt: 9 };
    expect(changeBetween(before, after)).toEqual({
      set: { status: 'completed', endedAt: 9 },
      unset: ['slot', 'watchAt'],
    });
    expect(isNoChange(changeBetween(before, { ...before }))).toBe(true);
  });
});
