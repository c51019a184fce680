import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../records/index.ts';
import { without } from './record.ts';
import { sampleRun } from './sample-run.ts';
import { transition } from './transition.ts';
import { supervise } from './watch.ts';

const policy = { maxRetries: 2, retryBackoff: 'fixed', retryDelayMs: 700, retryMaxDelayMs: 60_000 } as const;
const running = (fields: Partial<RunRecord> = {}): RunRecord => ({
  ...without(sampleRun(), 'owes'),
  ...policy,
  status: 'running',
  publishedAt: 1_000,
  startedAt: 1_000,
  heartbeatAt: 1_000,
  workerId: 'w1',
  ...fields,
});
const fail = (run: RunRecord, rest: object = {}, now = 3_000): RunRecord => {
  const result = transition(run, { kind: 'status', status: 'failed', error: 'boom', ...rest }, now);
  if (result.kind !== 'changed') throw new Error(result.because);
  return result.run;
};

describe('many failures', () => {
  it('keep each attempt, and of the oldest only the beginning of its error', () => {
    const error = `x${'😀'.repeat(4_000)}`;
    let run = running({ maxRetries: 1_000 });
    for (let i = 0; i < 1_000; i += 1) {
      const { attempt, attempts = [] } = fail(run, { error });
      run = running({ maxRetries: 1_000, attempt, attempts });
    }
    const attempts = run.attempts ?? [];
    expect(attempts.map(({ attempt }) => attempt)).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1));
    expect(attempts.at(-1)?.error).toBe(error);
    expect(attempts[0]?.error).toMatch(/^x(😀)+…$/u);
    expect(JSON.stringify(run).length).toBeLessThan(1024 * 1024);
  });
});

describe('a failure with retries left', () => {
  it('waits for its retry time with the next attempt, keeping its place', () => {
    const run = fail(running());
    expect(run).toMatchObject({
      status: 'pending',
      attempt: 2,
      nextRetryAt: 3_700,
      watchAt: 3_700,
      attempts: [{ attempt: 1, startedAt: 1_000, endedAt: 3_000, outcome: 'failed', error: 'boom', workerId: 'w1' }],
    });
    expect(run.slot).toBe(running().slot);
    for (const field of ['publishedAt', 'startedAt', 'owes', 'error'] as const) expect(run[field]).toBeUndefined();
  });

  it('is published when the time has come', () => {
    const decision = supervise(fail(running()), 3_700);
    expect(decision).toMatchObject({ kind: 'change', run: { status: 'pending', owes: 'run', attempt: 2 } });
    expect(decision.run.nextRetryAt).toBeUndefined();
  });

  it('is tried when the worker says', () => {
    expect(fail(running(), { retryAfterMs: 9_000 })).toMatchObject({ nextRetryAt: 12_000 });
  });

  it('ignores what is still said of the failed attempt, with or without its number', () => {
    const waiting = fail(running());
    for (const status of ['running', 'failed', 'completed'] as const) {
      expect(transition(waiting, { kind: 'status', status }, 3_100)).toMatchObject({ because: 'not_published' });
    }
  });

  it('is cancelled at once while it waits: nobody has it', () => {
    expect(transition(fail(running()), { kind: 'cancel', reason: 'requested' }, 3_100)).toMatchObject({
      kind: 'changed',
      run: { status: 'cancelled', endedAt: 3_100 },
    });
  });
});

describe('a failure that is the last', () => {
  it('leaves the run dead when its retries are used up, or the worker wants none', () => {
    const attempts = [1, 2].map((attempt) => ({ attempt, endedAt: 2_000, outcome: 'failed' as const }));
    expect(fail(running({ attempt: 3, attempts }))).toMatchObject({ status: 'dead', error: 'boom', attempt: 3 });
    expect(fail(running(), { retry: false }).status).toBe('dead');
  });

  it('does not count lost attempts', () => {
    const attempts = [1, 2, 3].map((attempt) => ({ attempt, endedAt: 2_000, outcome: 'lost' as const }));
    expect(fail(running({ attempt: 4, attempts })).status).toBe('pending');
  });

  it('is plain failed without retries, and when the run was being cancelled', () => {
    expect(fail(running({ maxRetries: 0 })).status).toBe('failed');
    expect(fail(running({ status: 'cancelling', cancellingAt: 2_000 })).status).toBe('failed');
  });
});

describe('a run that kills its workers', () => {
  it('fails as lost after maxRestarts, with every attempt kept', () => {
    const lost = [1, 2].map((attempt) => ({ attempt, endedAt: 2_000, outcome: 'lost' as const }));
    const poison = running({ attempt: 3, attempts: lost, maxRestarts: 2, watchAt: 6_000 });
    expect(supervise(poison, 6_000)).toMatchObject({
      repair: 'lost',
      run: { status: 'failed', reason: 'lost', attempts: { length: 3 } },
    });
    expect(supervise({ ...poison, maxRestarts: 3 }, 6_000)).toMatchObject({ run: { status: 'pending', attempt: 4 } });
  });
});
