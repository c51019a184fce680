import { expect, test } from 'vitest';
import type { Context } from './context.ts';
import { HeldJobs } from './held-jobs.ts';
import { TickTurns } from './tick-turns.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Turns that last until they are ended: each waits for its jobs to be loaded, and finds none. */
function setUp(dueAt: Readonly<Record<string, number>>) {
  const clock = { at: 0, now: () => clock.at };
  const loading: { names: readonly string[]; end(): void; fail(): void }[] = [];
  const held = new HeldJobs();
  for (const [name, nextRunAt] of Object.entries(dueAt)) held.put({ name, nextRunAt, leaseToken: 1 });
  const store = {
    getJobs: (names: readonly string[]) =>
      new Promise((resolve, reject) =>
        loading.push({ names, end: () => resolve([]), fail: () => reject(new Error('the disk is full')) }),
      ),
  };
  const [publisher, moves] = [{ submit: () => Promise.resolve() }, { submit: () => Promise.resolve() }];
  let wakes = 0;
  const turns = new TickTurns(
    { clock, store } as unknown as Context,
    { managerId: 'm', held, publisher, moves } as unknown as ConstructorParameters<typeof TickTurns>[1],
    { mayStart: () => true, onWake: () => (wakes += 1) },
  );
  return { clock, turns, held, loading, wakes: () => wakes, started: () => loading.map(({ names }) => names) };
}

test('a turn begins at a distance to one that is under way, with all that is due by then', async () => {
  const { clock, turns, started } = setUp({ a: 0, b: 1, c: 9, d: 40 });
  expect(await turns.start()).toBe(1);
  clock.at = 1;
  const at = await turns.start();
  expect(at).toBeGreaterThan(9);
  expect(started()).toEqual([['a']]);
  clock.at = at as number;
  expect(await turns.start()).toBe(40);
  expect(started()).toEqual([['a'], ['b', 'c']]);
});

test('does not wait where no turn is under way', async () => {
  const { clock, turns, loading, wakes, started } = setUp({ a: 0, b: 1 });
  await turns.start();
  clock.at = 1;
  await turns.start();
  loading[0]?.end();
  await settled();
  expect(wakes(), 'the loop is told that it may go on').toBe(1);
  await turns.start();
  expect(started()).toEqual([['a'], ['b']]);
});

test('says that it waits for nothing where nothing is due', async () => {
  const { turns } = setUp({ a: 0 });
  expect(await turns.start()).toBeNull();
  expect(await turns.start()).toBeNull();
});

test('a clock that is set back holds nothing up for longer than the turn under way', async () => {
  const { clock, turns, held, loading, wakes, started } = setUp({ a: 100_000 });
  clock.at = 100_000;
  await turns.start();
  clock.at = 10;
  held.put({ name: 'b', nextRunAt: 5, leaseToken: 1 });
  expect(await turns.start()).toBeGreaterThan(100_000);
  loading[0]?.end();
  await settled();
  expect(wakes()).toBe(1);
  await turns.start();
  expect(started()).toEqual([['a'], ['b']]);
});

test('after a failure the caller is told how the next turn went, so that its pauses grow', async () => {
  const { turns, loading } = setUp({ a: 0 });
  await turns.start();
  loading[0]?.fail();
  await settled();
  await expect(turns.start()).rejects.toThrow('the disk is full');
  const again = turns.start();
  await settled();
  loading[1]?.fail();
  await expect(again).rejects.toThrow('the disk is full');
  const atLast = turns.start();
  await settled();
  loading[2]?.end();
  await expect(atLast).resolves.toBeNull();
});
