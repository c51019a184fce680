import { StoreUnavailableError } from '@simple-scheduler/engine';
import { expect, test } from 'vitest';
import { Batches } from './batches.ts';

interface Underway {
  readonly calls: readonly number[];
  end(): void;
  fail(error: unknown): void;
}

function setUp({ callsMax = 3, slowAfterMs = 60_000, underWayMax = 2 } = {}) {
  const performed: Underway[] = [];
  const batches = new Batches<number, string>({
    callsMax,
    slowAfterMs,
    underWayMax,
    perform: (calls) =>
      new Promise((resolve, reject) =>
        performed.push({ calls, end: () => resolve(calls.map((call) => `done ${call}`)), fail: reject }),
      ),
  });
  return { batches, performed, sizes: () => performed.map(({ calls }) => calls) };
}

/**
 * Until the batch that is due has gone. What ended first settles, then its batch's turn comes, then ours: by the order of
 * the event loop alone, as a timer on a busy machine may be over before the turn that it was to outlast.
 */
async function turn(): Promise<void> {
  for (let rest = 2; rest > 0; rest -= 1) await new Promise((resolve) => setImmediate(resolve));
}

test('calls of one turn go together, each with its own outcome', async () => {
  const { batches, performed, sizes } = setUp();
  const outcomes = [batches.add(1), batches.add(2)];
  await turn();
  expect(sizes()).toEqual([[1, 2]]);
  performed[0]?.end();
  expect(await Promise.all(outcomes)).toEqual(['done 1', 'done 2']);
});

test('what comes while a batch is under way goes in the next, in its order and up to the most', async () => {
  const { batches, performed, sizes } = setUp();
  const outcomes = [batches.add(1)];
  await turn();
  outcomes.push(...[2, 3, 4, 5].map((call) => batches.add(call)));
  await turn();
  expect(sizes()).toEqual([[1]]);
  performed[0]?.end();
  await turn();
  expect(sizes()).toEqual([[1], [2, 3, 4]]);
  performed[1]?.end();
  await turn();
  performed[2]?.end();
  expect(await Promise.all(outcomes)).toEqual([1, 2, 3, 4, 5].map((call) => `done ${call}`));
});

test('one that is slow does not hold up a second, nor do as many as may be let in a third', async () => {
  const { batches, performed, sizes } = setUp({ slowAfterMs: 0 });
  const held = batches.add(1);
  await turn();
  const quick = batches.add(2);
  await turn();
  const third = batches.add(3);
  await turn();
  expect(sizes()).toEqual([[1], [2]]);
  performed[1]?.end();
  expect(await quick).toBe('done 2');
  await turn();
  expect(sizes()).toEqual([[1], [2], [3]]);
  performed[2]?.end();
  performed[0]?.end();
  expect(await Promise.all([held, third])).toEqual(['done 1', 'done 3']);
});

test('what is wrong with one call is not the error of the others', async () => {
  const asked: (readonly number[])[] = [];
  const batches = new Batches<number, number>({
    callsMax: 10,
    slowAfterMs: 60_000,
    underWayMax: 1,
    perform: async (calls) => {
      asked.push(calls);
      if (calls.includes(2)) throw new TypeError('two');
      return calls;
    },
  });
  const outcomes = await Promise.allSettled([1, 2, 3].map((call) => batches.add(call)));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(asked).toEqual([[1, 2, 3], [1], [2], [3]]);
});

test('where the store is away all are told so, and it is asked once', async () => {
  const { batches, performed, sizes } = setUp();
  const outcomes = Promise.allSettled([batches.add(1), batches.add(2)]);
  await turn();
  performed[0]?.fail(new StoreUnavailableError('away'));
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(sizes()).toHaveLength(1);
  const later = batches.add(3);
  await turn();
  performed[1]?.end();
  expect(await later).toBe('done 3');
});
