import { expect, test } from 'vitest';
import { faultsOf } from './faults.ts';
import { BASE, type Parameters, type WorkloadName } from './parameters.ts';

const faults = (workload: WorkloadName, measured: Record<string, unknown>, parameters: Partial<Parameters> = {}) =>
  faultsOf({ workload, parameters: { ...BASE, jobs: 10, ...parameters }, measured });
const sound = {
  latenessMs: { p50: 1, p99: 2, max: 3 },
  ticks: { expected: 30, missed: 0, doubled: 0, redelivered: 1 },
  completed: 30,
  skipped: 0,
  runsPerSecond: 10,
};

test('finds nothing in a sound result', () => {
  expect(faults('w1', sound)).toEqual([]);
});

test.each([
  ['a lost tick', { ticks: { ...sound.ticks, missed: 1 } }, 'ticks.missed is 1, not 0'],
  ['a doubled tick', { ticks: { ...sound.ticks, doubled: 2 } }, 'ticks.doubled is 2, not 0'],
  ['an unfinished run', { completed: 29 }, 'completed is 29, not 30'],
  ['a skipped tick', { skipped: 3 }, 'skipped is 3, not 0'],
  ['no latencies', { latenessMs: undefined }, 'latenessMs.p50 is missing'],
  ['a figure that is none', { runsPerSecond: Number.NaN }, 'runsPerSecond is null, no number from 1'],
])('finds %s', (_, change, fault) => {
  expect(faults('w1', { ...sound, ...change })).toContain(fault);
});

test('a peer may miss ticks that it repeats for itself, never one that it was given', () => {
  const missing = { latenessMs: sound.latenessMs, ticks: { ...sound.ticks, missed: 4 } };
  expect(faults('peers', missing, { load: 'w1' })).toEqual([]);
  expect(faults('peers', missing, { load: 'w2' })).toEqual(['ticks.missed is 4, not 0']);
});

test('finds a run that was answered and is not there', () => {
  const load = { answered: 5, latencyMs: { p99: 1 }, refused: 0, errors: 0 };
  const route = { full: load, half: load, bare: load, bareAlike: load };
  const runNow = { full: load, half: load, answered: 15, created: 15, published: 15 };
  expect(faults('w6', { job: route, run: route, runNow })).toEqual([]);
  expect(faults('w6', { job: route, run: route, runNow: { ...runNow, created: 14 } })).toContain(
    'runNow: 15 were answered, 14 created',
  );
  expect(faults('w6', { job: route, run: route, runNow: { ...runNow, published: 1 } })).toContain(
    'runNow: 15 were answered, 1 published',
  );
});
