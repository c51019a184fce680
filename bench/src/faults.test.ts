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

const inBurst = {
  allReceivedMs: 1,
  allCompletedMs: 2,
  cpuMsPer1000Runs: { all: 3 },
  ticks: sound.ticks,
  completed: 10,
};
const bursts = { latenessMs: sound.latenessMs, ...inBurst, first: inBurst };
const missing = { ...sound.ticks, missed: 4 };

test('a peer may miss ticks that it repeats for itself, never one that it was given', () => {
  expect(faults('peers', { ...sound, ticks: missing }, { load: 'w1' })).toEqual([]);
  expect(faults('peers', { ...bursts, ticks: missing }, { load: 'w2' })).toEqual(['ticks.missed is 4, not 0']);
});

test('both bursts are whole', () => {
  expect(faults('w2', bursts)).toEqual([]);
  const first = { ...inBurst, ticks: missing, completed: 6 };
  const found = ['first.ticks.missed is 4, not 0', 'first.completed is 6, not 10'];
  expect(faults('w2', { ...bursts, first })).toEqual(found);
  expect(faults('peers', { ...bursts, first }, { load: 'w2' })).toEqual(found.slice(0, 1));
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
