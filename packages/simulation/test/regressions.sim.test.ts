// Seeds that have failed once, each by the bug that it found. Later changes of the engine or of the simulation may have
// moved what happens in them; the test of the bug itself stands where it was mended.
import { simulate } from '@simple-scheduler/simulation';
import { expect, it } from 'vitest';

it.each([
  { seed: 55, found: 'a pause that began before another edit, and left out a tick that was due by then' },
  { seed: 971, found: 'the confirm of an attempt, written as it was given up, which took what the next one owed' },
  { seed: 11_655, found: 'a job that was given back, taken again and forgotten, as two turns thought it theirs' },
  { seed: 951, found: 'deadly work that a user ran again after its job had lost its bound: the workload’s own fault' },
  {
    seed: 4758,
    found: 'a run whose record came after a younger one had been chosen: an order that nobody can promise',
  },
  { seed: 401, found: 'a full queue of deadly runs, which took longer to end than the simulation waited' },
])('seed $seed: $found', async ({ seed }) => {
  expect((await simulate(seed)).violations).toEqual([]);
});
