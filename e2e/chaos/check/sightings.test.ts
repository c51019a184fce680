import type { Run } from '@simple-scheduler/contracts';
import { expect, test } from 'vitest';
import { shownRun } from './sample.ts';
import { Sightings } from './sightings.ts';

const completed = shownRun(0, { status: 'completed', endTime: '2026-01-01T00:00:01.000Z', output: { a: 1, b: 2 } });

function checksOf(seen: readonly Run[], final: readonly Run[]): string[] {
  const sightings = new Sightings();
  seen.forEach((run, at) => sightings.see(run, at));
  return sightings.conclude(final, seen.length).map(({ check }) => check);
}

test('is content with a run that goes on and ends, in whatever order its fields come', () => {
  const same = { output: { b: 2, a: 1 }, ...Object.fromEntries(Object.entries(completed).reverse()) } as Run;
  expect(checksOf([shownRun(0, { status: 'pending' }), shownRun(0), completed, same], [same])).toEqual([]);
});

test.each([
  ['status', { status: 'failed' as const }],
  ['time', { endTime: '2026-01-01T00:00:01.001Z' }],
  ['output', { output: { a: 1, b: 3 } }],
  ['heartbeat', { heartbeat: '2026-01-01T00:00:00.500Z' }],
])('notices an ended run whose %s is another at the end', (_, fields) => {
  expect(checksOf([completed], [{ ...completed, ...fields }])).toEqual(['ended runs unchanged']);
});

test('notices an ended run that was another for a while', () => {
  expect(checksOf([completed, { ...completed, error: 'x' }, completed], [completed])).toEqual(['ended runs unchanged']);
});

test('notices an ended run that lives again', () => {
  expect(checksOf([completed], [shownRun(0)])).toEqual(['ended runs unchanged']);
});

test('a look that is a little old is none', () => {
  expect(checksOf([completed, shownRun(0)], [completed])).toEqual([]);
});

test('notices attempts that go down', () => {
  expect(checksOf([shownRun(0, { attempt: 2 })], [completed])).toEqual(['attempts never go down']);
  // Also where an older look came in between.
  expect(checksOf([shownRun(0, { attempt: 2 }), shownRun(0)], [completed])).toEqual(['attempts never go down']);
});

test.each([
  ['identity stays', { createdTime: '2026-01-01T00:00:00.006Z' }],
  ['identity stays', { trigger: 'misfire' as const }],
  ['times stay', { publishedAt: '2026-01-01T00:00:00.021Z' }],
  ['times stay', { startTime: '2026-01-01T00:00:00.051Z' }],
])('%s: %j', (check, fields) => {
  expect(checksOf([shownRun(0)], [{ ...completed, ...fields }])).toEqual([check]);
});

test('publishedAt may settle while a run is pending, and not after', () => {
  const moved = { ...completed, publishedAt: '2026-01-01T00:00:00.021Z' };
  const pending = shownRun(0, { status: 'pending' });
  expect(checksOf([pending], [moved])).toEqual([]);
  expect(checksOf([pending, shownRun(0)], [moved])).toEqual(['times stay']);
});

test('a later attempt has times of its own', () => {
  const later = {
    ...completed,
    attempt: 2,
    publishedAt: '2026-01-01T00:00:00.700Z',
    startTime: '2026-01-01T00:00:00.800Z',
  };
  expect(checksOf([shownRun(0)], [later])).toEqual([]);
});

test('notices a record that vanishes', () => {
  expect(checksOf([shownRun(0), shownRun(1)], [completed])).toEqual(['no record vanishes']);
});

test('counts what it looked at', () => {
  const sightings = new Sightings();
  for (const run of [shownRun(0), completed, completed]) sightings.see(run, 0);
  expect([sightings.looks, sightings.comparisons]).toEqual([3, 1]);
});
