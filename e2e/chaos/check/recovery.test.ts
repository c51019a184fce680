import { expect, test } from 'vitest';
import { type Handled, handledTicks, longestGap, recoveries } from './recovery.ts';
import { sampleRun, sampleSkip, START_AT } from './sample.ts';

const at = (seconds: number): number => START_AT + seconds * 1_000;
const fault = (from: number, to: number): Parameters<typeof recoveries>[0][number] => ({
  kind: 'kill',
  what: 'kill scheduler-1',
  beganAt: at(from),
  healedAt: at(to),
});

/** A hundred ticks a second for 20 s, those due between `from` and `to` dealt with at `to`. */
function ticks(from: number, to: number): Handled[] {
  return Array.from({ length: 2_000 }, (_, n) => {
    const tickAt = at(n / 100);
    return { job: 'a', tickAt, at: tickAt >= at(from) && tickAt < at(to) ? Math.max(tickAt, at(to)) : tickAt + 10 };
  });
}

test('a fault that was not felt is recovered from at once', () => {
  expect(recoveries([fault(3, 5)], ticks(0, 0))).toMatchObject([{ recoveredMs: 0, firstOnTimeMs: 10 }]);
});

test('a fault lasts until ticks are on time again', () => {
  const [recovery] = recoveries([fault(3, 5)], ticks(4, 9));
  // Those of the last second were dealt with within a second.
  expect(recovery?.recoveredMs).toBeGreaterThanOrEqual(2_980);
  expect(recovery?.recoveredMs).toBeLessThanOrEqual(3_010);
  expect(recovery?.firstOnTimeMs).toBe(4_000);
});

test('one straggler in a hundred does not count, several do', () => {
  const list = ticks(0, 0);
  const delayed = (every: number): Handled[] =>
    list.map((tick, n) => (n % every === 0 && tick.tickAt < at(8) ? { ...tick, at: tick.at + 5_000 } : tick));
  expect(recoveries([fault(3, 5)], delayed(150))[0]?.recoveredMs).toBe(0);
  expect(recoveries([fault(3, 5)], delayed(20))[0]?.recoveredMs).toBeGreaterThan(900);
});

test('what the next fault hides is not known', () => {
  const [first, second] = recoveries([fault(3, 5), fault(6, 8)], ticks(4, 10));
  expect(first?.recoveredMs).toBeUndefined();
  expect(second?.recoveredMs).toBeGreaterThan(900);
  expect(recoveries([fault(3, 5)], ticks(4, 20))[0]?.recoveredMs).toBeUndefined();
  expect(recoveries([fault(3, 5)], [])).toMatchObject([{ recoveredMs: undefined, firstOnTimeMs: undefined }]);
});

test('finds the tick that was kept waiting longest', () => {
  expect(longestGap(ticks(4, 9))).toEqual({ job: 'a', tickAt: at(4), at: at(9) });
  expect(longestGap([])).toBeUndefined();
});

test('a tick is dealt with when its action is out, where nothing but the scheduler holds it up', () => {
  const runs = [
    sampleRun(1, { job: 'free' }),
    sampleRun(0),
    sampleRun(2, { trigger: 'manual' }),
    sampleSkip(3, 'overlap'),
    sampleSkip(4, 'misfire'),
  ];
  expect(handledTicks(runs, new Set(['free']))).toEqual([
    { job: 'a', tickAt: at(0), at: at(0) + 5 },
    { job: 'free', tickAt: at(1), at: at(1) + 20 },
    { job: 'a', tickAt: at(3), at: at(3) + 5 },
  ]);
});
