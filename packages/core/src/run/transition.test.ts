import { RUN_STATUSES, type RunStatus, WIRE_STATUSES } from '@simple-scheduler/contracts/vocabulary';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../records/index.ts';
import { PUBLISH_GRACE_MS } from './deadlines.ts';
import { without } from './record.ts';
import { sampleRun } from './sample-run.ts';
import { type RunEvent, transition } from './transition.ts';
import { supervise } from './watch.ts';

const status = (name: 'running' | 'completed' | 'failed' | 'cancelled', rest: object = {}): RunEvent => ({
  kind: 'status',
  status: name,
  ...rest,
});
const published = (): RunRecord => ({ ...without(sampleRun(), 'owes'), publishedAt: 1_010, watchAt: 11_010 });
const running = (fields: Partial<RunRecord> = {}): RunRecord => ({
  ...published(),
  status: 'running',
  startedAt: 1_020,
  heartbeatAt: 1_020,
  watchAt: 6_020,
  ...fields,
});
const cancelling = (): RunRecord => ({
  ...running(),
  status: 'cancelling',
  cancellingAt: 1_030,
  reason: 'requested',
  watchAt: 31_030,
});
const endedAs = (name: RunStatus): RunRecord => ({
  ...without(running(), 'slot', 'watchAt'),
  status: name,
  endedAt: 2_000,
});
const waiting = (): RunRecord => ({ ...without(sampleRun(), 'owes'), waiting: true, slot: `${'a'.repeat(24)}:w0` });

function change(run: RunRecord, event: RunEvent, now = 3_000): RunRecord {
  const result = transition(run, event, now);
  if (result.kind !== 'changed') throw new Error(`ignored: ${result.because}`);
  return result.run;
}

describe('a worker takes a run', () => {
  it('goes from pending to running and watches heartbeat and execution time', () => {
    const run = change(published(), status('running', { workerId: 'w1' }));
    expect(run).toMatchObject({
      status: 'running',
      startedAt: 3_000,
      heartbeatAt: 3_000,
      workerId: 'w1',
      watchAt: 8_000,
    });
    expect(run.publishedAt).toBe(1_010);
  });

  it('counts as published when the confirm is still on its way', () => {
    const run = change(sampleRun(), status('running'));
    expect(run.publishedAt).toBe(3_000);
    expect(run.owes).toBeUndefined();
  });

  it('still owes the action of a later attempt to a word that may be about an earlier one', () => {
    const owing: RunRecord = { ...sampleRun(), attempt: 2, executionTimeoutMs: 0, heartbeatTimeoutMs: 0 };
    for (const late of [status('running'), { kind: 'heartbeat' } as const]) {
      const run = change(owing, late);
      expect(run).toMatchObject({ status: 'running', owes: 'run', watchAt: 3_000 + PUBLISH_GRACE_MS });
      // Said twice, it must not be forgotten either; then the watchdog publishes it.
      const again = change(run, status('running'), 4_000);
      expect(supervise(again, 4_000 + PUBLISH_GRACE_MS)).toMatchObject({
        kind: 'change',
        repair: 'republished',
        run: { status: 'running', owes: 'run' },
      });
      // Whoever names the present attempt has it.
      expect(change(owing, { ...late, attempt: 2 } as RunEvent).owes).toBeUndefined();
    }
    expect(change(change(owing, status('running')), status('completed')).owes).toBeUndefined();
  });

  it('starts by a heartbeat whose `running` is late', () => {
    expect(change(published(), { kind: 'heartbeat', progress: 0.5 })).toMatchObject({
      status: 'running',
      progress: 0.5,
    });
  });

  it('takes a repeated `running` as a sign of life', () => {
    expect(change(running(), status('running'), 4_000)).toMatchObject({
      startedAt: 1_020,
      heartbeatAt: 4_000,
      watchAt: 9_000,
    });
  });

  it('is asked to cancel again when the run is cancelling or cancelled', () => {
    expect(change(cancelling(), status('running'))).toMatchObject({ status: 'cancelling', owes: 'cancel' });
    // Also where nothing else would ever look at the run again.
    const patient = { ...without(cancelling(), 'watchAt'), cancelTimeoutMs: 0 };
    expect(change(patient, status('running'))).toMatchObject({ owes: 'cancel', watchAt: 3_000 + PUBLISH_GRACE_MS });
    expect(transition(endedAs('cancelled'), status('running'), 3_000)).toEqual({
      kind: 'ignored',
      because: 'ended',
      cancelAgain: true,
    });
  });
});

describe('a run ends', () => {
  it.each(['completed', 'failed', 'cancelled'] as const)('from running as %s, and gives back its slot', (name) => {
    const run = change(running(), status(name, { output: { rows: 3 } }));
    expect(run).toMatchObject({ status: name, endedAt: 3_000, output: { rows: 3 } });
    for (const field of ['slot', 'watchAt', 'owes'] as const) expect(run[field]).toBeUndefined();
  });

  it('from pending when its `running` was late, but a worker cannot cancel what it never took', () => {
    expect(change(sampleRun(), status('completed')).status).toBe('completed');
    expect(transition(published(), status('cancelled'), 3_000)).toMatchObject({ because: 'not_allowed' });
  });

  it('from cancelling; a completed run has no reason left', () => {
    expect(change(cancelling(), status('cancelled'))).toMatchObject({ status: 'cancelled', reason: 'requested' });
    expect(change(cancelling(), status('completed')).reason).toBeUndefined();
  });

  it('keeps its times in order when clocks disagree', () => {
    expect(change(running(), status('completed'), 5)).toMatchObject({ endedAt: 1_020 });
    expect(change(published(), status('running'), 5)).toMatchObject({ startedAt: 1_010 });
  });
});

describe('attempts', () => {
  it('ignores what an older attempt says, and what an unknown one says', () => {
    const second = running({ attempt: 2 });
    expect(transition(second, status('completed', { attempt: 1 }), 3_000)).toMatchObject({ because: 'stale_attempt' });
    expect(transition(second, { kind: 'heartbeat', attempt: 1 }, 3_000)).toMatchObject({ because: 'stale_attempt' });
    expect(transition(second, status('completed', { attempt: 3 }), 3_000)).toMatchObject({
      because: 'unknown_attempt',
    });
  });

  it('takes a message without an attempt for the current one', () => {
    expect(change(running({ attempt: 2 }), status('completed')).status).toBe('completed');
  });
});

describe('cancelling', () => {
  it('asks the worker and sets a deadline', () => {
    const run = change(running(), { kind: 'cancel', reason: 'requested' });
    expect(run).toMatchObject({
      status: 'cancelling',
      reason: 'requested',
      cancellingAt: 3_000,
      owes: 'cancel',
      watchAt: 3_000 + PUBLISH_GRACE_MS,
    });
  });

  it('ends a waiting run at once: nobody has heard of it', () => {
    expect(change(waiting(), { kind: 'cancel', reason: 'requested' })).toMatchObject({
      status: 'cancelled',
      endedAt: 3_000,
    });
  });

  it('changes nothing when it is cancelling already, or has ended', () => {
    expect(transition(cancelling(), { kind: 'cancel', reason: 'requested' }, 3_000)).toMatchObject({
      because: 'no_change',
    });
    expect(transition(endedAs('completed'), { kind: 'cancel', reason: 'requested' }, 3_000)).toMatchObject({
      because: 'ended',
    });
  });
});

describe('always', () => {
  const events: fc.Arbitrary<RunEvent> = fc.oneof(
    fc.record(
      {
        kind: fc.constant('status' as const),
        status: fc.constantFrom(...WIRE_STATUSES),
        attempt: fc.integer({ min: 1, max: 3 }),
      },
      { requiredKeys: ['kind', 'status'] },
    ),
    fc.record(
      { kind: fc.constant('heartbeat' as const), attempt: fc.integer({ min: 1, max: 3 }) },
      { requiredKeys: ['kind'] },
    ),
    fc.constant({ kind: 'cancel' as const, reason: 'requested' as const }),
    fc.constant({ kind: 'job_deleted' as const }),
  );
  const runs = fc.constantFrom(sampleRun(), published(), running({ attempt: 2 }), cancelling(), waiting());
  const RANK: Record<RunStatus, number> = {
    pending: 0,
    running: 1,
    cancelling: 2,
    cancelled: 3,
    failed: 3,
    completed: 3,
    dead: 3,
    skipped: 3,
  };

  it('no event changes an ended run', () => {
    const ended = fc.constantFrom(...RUN_STATUSES.filter((name) => RANK[name] === 3)).map(endedAs);
    fc.assert(
      fc.property(ended, events, fc.nat(10_000), (run, event, now) => transition(run, event, now).kind === 'ignored'),
    );
  });

  it('a run only moves on, its attempt stays, its times stay in order, and an ended one owes nothing', () => {
    fc.assert(
      fc.property(runs, fc.array(fc.tuple(events, fc.nat(100_000)), { maxLength: 12 }), (first, steps) => {
        let run = first;
        for (const [event, now] of steps) {
          const result = transition(run, event, now);
          if (result.kind === 'ignored') continue;
          expect(RANK[result.run.status]).toBeGreaterThanOrEqual(RANK[run.status]);
          expect(result.run.attempt).toBe(run.attempt);
          run = result.run;
          const times = [run.createdAt, run.publishedAt, run.startedAt, run.endedAt].filter((at) => at !== undefined);
          expect(times).toEqual([...times].sort((a, b) => a - b));
          if (RANK[run.status] === 3)
            for (const field of ['slot', 'owes', 'watchAt', 'waiting'] as const) expect(run[field]).toBeUndefined();
          if (run.status === 'cancelling') expect(run.watchAt).toBeDefined();
        }
      }),
    );
  });
});
