import { expect, test } from 'vitest';
import type { JobAdvance } from '../ports/index.ts';
import type { Context } from './context.ts';
import { HeldJobs } from './held-jobs.ts';
import { type JobMove, JobMoves } from './job-moves.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A store that answers when told to, and a clock that is set. */
function setUp() {
  const state = { now: 1_000, wakes: 0, puts: 0, fenced: 0 };
  const writes: { names: string[]; end(outcome?: 'advanced' | 'fenced'): void; fail(): void }[] = [];
  const held = new HeldJobs();
  const context = {
    clock: { now: () => state.now },
    meter: { count: (_name: string, by: number) => void (state.fenced += by) },
    store: {
      advanceJobs: (advances: readonly JobAdvance[]) =>
        new Promise((resolve, reject) => {
          writes.push({
            names: advances.map(({ name }) => name),
            end: (outcome = 'advanced') => resolve(advances.map(() => outcome)),
            fail: () => reject(new Error('away')),
          });
        }),
    },
  } as unknown as Context;
  const moves = new JobMoves(context, held, {
    onWake: () => void (state.wakes += 1),
    onPut: () => void (state.puts += 1),
  });
  /** Takes a job that is due, as a turn does, to be moved to `to`. */
  const move = (name: string, to: number | null = state.now + 60_000): JobMove => {
    held.put({ name, nextRunAt: state.now, leaseToken: 1 });
    const taken = held.takeDue(state.now, 1_000).find((job) => job.name === name);
    if (taken === undefined) throw new Error(`${name} is not due`);
    const advance = { name, uid: name, epoch: 1, managerId: 'm', leaseToken: 1, from: taken.nextRunAt, to };
    return { taken, advance, onward: to === null ? null : { name, nextRunAt: to, leaseToken: 1 } };
  };
  /** So that nothing is the first after a silence. */
  const moveOne = async (): Promise<void> => {
    await moves.submit([move('first')]);
    const moving = moves.move();
    writes[0]?.end();
    await moving;
  };
  return { state, writes, held, moves, move, moveOne };
}

test('the first after a silence is moved at once, and put back with its next tick', async () => {
  const { state, writes, held, moves, move } = setUp();
  await moves.submit([move('a', 90_000)]);
  expect(state.wakes).toBe(1);
  const moving = moves.move();
  expect(writes.map(({ names }) => names)).toEqual([['a']]);
  expect(held.nextAt(), 'until then it is out of the queue').toBeNull();
  writes[0]?.end();
  expect(await moving).toBeNull();
  expect(held.nextAt()).toBe(90_000);
  expect(state.puts).toBe(1);
});

test('those of several turns go together, at a distance', async () => {
  const { state, writes, moves, move, moveOne } = setUp();
  await moveOne();
  state.now += 1;
  await moves.submit([move('a')]);
  const at = (await moves.move()) as number;
  expect(at).toBeGreaterThan(state.now);
  await moves.submit([move('b'), move('c')]);
  state.now = at - 1;
  expect(await moves.move()).toBe(at);
  state.now = at;
  void moves.move();
  expect(writes.map(({ names }) => names)).toEqual([['first'], ['a', 'b', 'c']]);
});

test('a job that is soon due again does not wait, nor does a clock that is set back make one wait', async () => {
  const { state, writes, moves, move, moveOne } = setUp();
  await moveOne();
  state.now += 1;
  await moves.submit([move('a')]);
  await moves.submit([move('b', state.now + 20)]);
  const moving = moves.move();
  expect(writes[1]?.names).toEqual(['a', 'b']);
  writes[1]?.end();
  await moving;
  await moves.submit([move('c')]);
  state.now = 10;
  void moves.move();
  expect(writes[2]?.names).toEqual(['c']);
});

test('a full batch is written by whoever completes it, who waits for it', async () => {
  const { writes, moves, move, moveOne } = setUp();
  await moveOne();
  let isOver = false;
  const submitting = moves.submit(Array.from({ length: 1_000 }, (_, i) => move(`job-${i}`))).then(() => {
    isOver = true;
  });
  await settled();
  expect(writes[1]?.names).toHaveLength(1_000);
  expect(isOver).toBe(false);
  writes[1]?.end();
  await submitting;
});

test('a job that has ended leaves the queue', async () => {
  const { writes, held, moves, move } = setUp();
  await moves.submit([move('a', null)]);
  const moving = moves.move();
  writes[0]?.end();
  await moving;
  expect(held.size).toBe(0);
});

test('what could not be moved is due as before: someone else was quicker, or the store is away', async () => {
  const { state, writes, held, moves, move } = setUp();
  await moves.submit([move('a')]);
  const fenced = moves.move();
  writes[0]?.end('fenced');
  await fenced;
  expect([held.nextAt(), state.fenced]).toEqual([1_000, 1]);
  held.clear();

  await moves.submit([move('b')]);
  const failing = moves.flush();
  writes[1]?.fail();
  await expect(failing).rejects.toThrow('away');
  expect(held.nextAt()).toBe(1_000);
  expect(await moves.move(), 'nothing waits').toBeNull();
});

test('a change that arrived meanwhile has the last word', async () => {
  const { writes, held, moves, move } = setUp();
  await moves.submit([move('edited'), move('gone')]);
  const moving = moves.move();
  held.put({ name: 'edited', nextRunAt: 7_000, leaseToken: 1 });
  held.remove('gone');
  writes[0]?.end();
  await moving;
  expect([held.get('edited')?.nextRunAt, held.size]).toEqual([7_000, 1]);
});
