import { PUBLISH_AGAIN_MS, type RunRecord } from '@simple-scheduler/core';
import { expect, test } from 'vitest';
import { owing } from '../../test/owing.ts';
import type { BusState, MessageBus, PublishOutcome, RunUpdate, Store } from '../ports/index.ts';
import type { Context } from './context.ts';
import { Publisher } from './publisher.ts';

/** A bus that confirms when told to, a store whose marking ends when told to, and a clock that is set. */
function setUp() {
  const confirms: (() => void)[] = [];
  const markings: { ids: string[]; end(): void; fail(): void }[] = [];
  const updates: RunUpdate[] = [];
  const warnings: unknown[] = [];
  const state = { now: 5, wakes: 0, bus: 'connected' as BusState, outcome: 'confirmed' as PublishOutcome };
  const bus: Pick<MessageBus, 'state' | 'publishActions'> = {
    state: () => state.bus,
    publishActions: (messages) =>
      new Promise((resolve) => confirms.push(() => resolve(messages.map(() => state.outcome)))),
  };
  const store: Pick<Store, 'markPublished' | 'updateRuns'> = {
    updateRuns: async (some) => {
      updates.push(...some);
      return some.map(() => 'updated');
    },
    markPublished: (published) =>
      new Promise((resolve, reject) => {
        const fail = (): void => reject(new Error('away'));
        markings.push({ ids: published.map(({ id }) => id), end: resolve, fail });
      }),
  };
  const context = {
    bus,
    store,
    clock: { now: () => state.now },
    meter: { count: () => {}, gauge: () => {}, observe: () => {} },
    log: { debug: () => {}, info: () => {}, error: () => {}, warn: (fields: unknown) => warnings.push(fields) },
  } as unknown as Context;
  const publisher = new Publisher(context, () => void (state.wakes += 1));
  /** Publishes these and has them confirmed. */
  const publish = async (...runs: RunRecord[]): Promise<void> => {
    await publisher.submit(runs);
    confirms.at(-1)?.();
    await settled();
  };
  return { publisher, publish, confirms, markings, updates, warnings, state };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('asks to be called when the bus has confirmed, and then marks at once where nothing was marked lately', async () => {
  const { publisher, publish, markings, state } = setUp();
  await publish(owing('a'), owing('b'));
  expect(state.wakes).toBe(1);
  const marking = publisher.mark();
  expect(markings.map(({ ids }) => ids)).toEqual([['a', 'b']]);
  markings[0]?.end();
  expect(await marking).toBe(null);
});

test('marks at a distance what is confirmed after that, together', async () => {
  const { publisher, publish, markings, state } = setUp();
  await publish(owing('a'));
  void publisher.mark();
  markings[0]?.end();
  await publish(owing('b'));
  const at = await publisher.mark();
  expect(at).toBeGreaterThan(state.now);
  await publish(owing('c'));
  state.now = (at as number) - 1;
  expect(await publisher.mark()).toBe(at);
  state.now = at as number;
  void publisher.mark();
  expect(markings.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c']]);
});

test('gives each worker time to answer before its run is marked', async () => {
  const { publisher, publish, markings, state } = setUp();
  await publish(owing('a'));
  void publisher.mark();
  markings[0]?.end();
  await publish(owing('b'));
  const first = (await publisher.mark()) as number;
  state.now = first - 1;
  await publish(owing('c'), owing('d'));
  state.now = first;
  const marking = publisher.mark();
  expect(markings[1]?.ids, 'c and d have just been confirmed').toEqual(['b']);
  markings[1]?.end();
  const second = (await marking) as number;
  expect(second).toBeGreaterThan(first);
  publisher.heard([{ ...owing('c'), owes: undefined }] as unknown as RunRecord[]);
  state.now = second;
  void publisher.mark();
  expect(markings[2]?.ids, 'the worker of c has answered').toEqual(['d']);
});

test('after a silence it marks at once again', async () => {
  const { publisher, publish, markings, state } = setUp();
  await publish(owing('a'));
  void publisher.mark();
  markings[0]?.end();
  state.now += 60_000;
  await publish(owing('b'));
  void publisher.mark();
  expect(markings.map(({ ids }) => ids)).toEqual([['a'], ['b']]);
});

test('a start timeout that is soon does not wait for the distance', async () => {
  const { publisher, publish, markings } = setUp();
  await publish(owing('a'));
  void publisher.mark();
  markings[0]?.end();
  await publish({ ...owing('b'), startTimeoutMs: 60_000 });
  await publisher.mark();
  await publish({ ...owing('c'), startTimeoutMs: 1_000 });
  void publisher.mark();
  expect(markings.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c']]);
});

test('a start timeout of some seconds lets the worker answer first, and is marked well before it is over', async () => {
  const { publisher, publish, markings, state } = setUp();
  await publish(owing('a'));
  void publisher.mark();
  markings[0]?.end();
  await publish({ ...owing('b'), startTimeoutMs: 6_000, watchAt: 15_005 });
  const at = (await publisher.mark()) as number;
  expect(at).toBeGreaterThanOrEqual(state.now + 500);
  expect(at).toBeLessThan(state.now + 4_500);
});

test('marks all that waits while there is time before the watchdog would publish the first of it again', async () => {
  const { publisher, publish, markings, state } = setUp();
  state.now = 10_000;
  await publish(owing('a'));
  void publisher.mark();
  markings[0]?.end();
  const ten = Array.from({ length: 10 }, (_, i) => ({ ...owing(`b${i}`), watchAt: state.now + 1_900 }));
  await publish(...ten);
  await publish({ ...owing('c'), watchAt: 15_000 });
  const at = (await publisher.mark()) as number;
  expect(at, 'before its worker has had its time').toBeLessThan(state.now + 500);
  expect(at).toBeGreaterThan(state.now);
  expect(at % 1, 'what a timer can keep').toBe(0);
  state.now = at;
  void publisher.mark();
  expect(markings[1]?.ids).toEqual([...ten.map(({ id }) => id), 'c']);
});

test('begins sooner where the store has been slow with marks', async () => {
  const { publisher, publish, markings, state } = setUp();
  const many = (length: number): RunRecord[] =>
    Array.from({ length }, (_, i) => ({ ...owing(`${state.now}-${i}`), watchAt: state.now + 5_000 }));
  state.now = 10_000;
  await publish(...many(1_000));
  const slow = publisher.mark();
  for (let i = 0; markings.length > i; i += 1) {
    state.now += 2 * (markings[i]?.ids.length ?? 0);
    markings[i]?.end();
    await settled();
  }
  await slow;
  await publish(owing('after a silence'));
  const marked = publisher.mark();
  markings.at(-1)?.end();
  await marked;
  // They take 3 s now, and are to be done 1.5 s before the watchdog looks.
  await publish(...many(1_500));
  expect(await publisher.mark()).toBeLessThan(state.now + 1_000);
});

test('begins sooner too for a deadline that only the mark makes known', async () => {
  const { publisher, publish, markings, state } = setUp();
  const many = (length: number, startTimeoutMs: number): RunRecord[] =>
    Array.from({ length }, (_, i) => ({
      ...owing(`${state.now}-${i}`),
      startTimeoutMs,
      watchAt: state.now + 15_000,
    }));
  state.now = 10_000;
  await publish(...many(1_000, 0));
  const slow = publisher.mark();
  state.now += 2_000;
  markings[0]?.end();
  await slow;
  await publish(owing('after a silence'));
  const marked = publisher.mark();
  markings.at(-1)?.end();
  await marked;
  await publish(...many(1_500, 5_000));
  expect(await publisher.mark()).toBeLessThan(state.now + 1_000);
});

test('knows what it is publishing itself, until that is marked', async () => {
  const { publisher, publish, confirms, markings, state } = setUp();
  await publish(owing('first'));
  void publisher.mark();
  markings[0]?.end();
  await publisher.submit([owing('a')]);
  const isHeld = (): void => {
    const holds = publisher.holding();
    expect(holds(owing('a'))).toBe(true);
    expect(holds({ ...owing('a'), attempt: 2 })).toBe(false);
    expect(holds({ ...owing('a'), status: 'cancelling', owes: 'cancel' })).toBe(false);
    expect(holds(owing('b'))).toBe(false);
  };
  isHeld();
  confirms.at(-1)?.();
  await settled();
  isHeld();
  state.now += 60_000;
  const marking = publisher.mark();
  isHeld();
  const readBefore = publisher.holding();
  markings[1]?.end();
  await marking;
  expect(publisher.holding()(owing('a')), 'marked').toBe(false);
  expect(readBefore(owing('a')), 'asked about a record from before the mark').toBe(true);
});

test('says of what it cannot publish that it is to be published soon', async () => {
  const { publisher, publish, markings, updates, state } = setUp();
  state.outcome = 'unconfirmed';
  await publish({ ...owing('a'), watchAt: 15_005 });
  state.bus = 'connecting';
  await publisher.submit([{ ...owing('b'), watchAt: 15_005 }]);
  await settled();
  const soon = { set: { watchAt: 5 + PUBLISH_AGAIN_MS }, unset: [] };
  expect(updates).toEqual([
    { id: 'a', rev: 0, change: soon },
    { id: 'b', rev: 0, change: soon },
  ]);
  await publisher.mark();
  expect(markings).toEqual([]);
  expect(publisher.holding()(owing('a'))).toBe(false);
});

test('leaves to the watchdogs what it was held up with for so long that they publish it', async () => {
  const { publisher, confirms, state } = setUp();
  state.now = 20_000;
  await publisher.submit([{ ...owing('a'), watchAt: 20_000 }]);
  expect(confirms).toEqual([]);
  expect(publisher.holding()({ ...owing('a'), watchAt: 20_000 })).toBe(false);
});

test('what is added while a marking is under way is marked after it, an attempt of the same run too', async () => {
  const { publisher, publish, markings, state } = setUp();
  await publish(owing('a'));
  const marking = publisher.mark();
  await publish({ ...owing('a'), attempt: 2, startTimeoutMs: 1_000 });
  markings[0]?.end();
  expect(await marking).toBe(state.now);
  void publisher.mark();
  expect(markings.map(({ ids }) => ids)).toEqual([['a'], ['a']]);
});

test('a clock that is set back does not keep marks waiting', async () => {
  const { publisher, publish, markings, state } = setUp();
  state.now = 1_000_000;
  await publish(owing('a'));
  void publisher.mark();
  markings[0]?.end();
  await publish(owing('b'));
  state.now = 5;
  await publish(owing('c'));
  const marking = publisher.mark();
  expect(markings[1]?.ids, 'confirmed at a time that is to come').toEqual(['b']);
  markings[1]?.end();
  const at = (await marking) as number;
  expect(at).toBeLessThan(10_000);
  state.now = at;
  void publisher.mark();
  expect(markings[2]?.ids).toEqual(['c']);
});

test('does not mark a run whose worker was quicker, whether than the confirm or than the marking', async () => {
  const { publisher, confirms, markings } = setUp();
  await publisher.submit([owing('a'), owing('b'), owing('c')]);
  const heard = (id: string): RunRecord => {
    const { owes: _, ...run } = owing(id);
    return { ...run, status: 'running' };
  };
  publisher.heard([heard('a')]);
  confirms[0]?.();
  await settled();
  publisher.heard([heard('c')]);
  void publisher.mark();
  expect(markings.map(({ ids }) => ids)).toEqual([['b']]);
});

test('marks a run that still owes its action after what was heard of it', async () => {
  const { publisher, confirms, markings } = setUp();
  await publisher.submit([owing('a')]);
  publisher.heard([{ ...owing('a'), status: 'running', attempt: 2 }]);
  confirms[0]?.();
  await settled();
  void publisher.mark();
  expect(markings.map(({ ids }) => ids)).toEqual([['a']]);
});

test('knows when a run was published that is not marked yet', async () => {
  const { publisher, publish, state } = setUp();
  const run = { ...owing('a'), startTimeoutMs: 60_000, watchAt: 5_001 };
  expect(publisher.published(run)).toBe(run);
  await publish(run);
  state.now = 400;
  expect(publisher.published(run)).toEqual({ ...run, owes: undefined, publishedAt: 5, watchAt: 60_005 });
  const later = { ...run, attempt: 2 };
  expect(publisher.published(later)).toBe(later);
  const cancelling = { ...run, status: 'cancelling', owes: 'cancel' } as const;
  expect(publisher.published(cancelling)).toBe(cancelling);
});

test('a marking that fails is repeated, without what was heard of meanwhile', async () => {
  const { publisher, publish, markings } = setUp();
  await publish(owing('a'), owing('b'));
  const marking = publisher.mark();
  markings[0]?.fail();
  await expect(marking).rejects.toThrow('away');
  publisher.heard([{ ...owing('a'), owes: undefined }] as unknown as RunRecord[]);
  const drained = publisher.drain();
  await settled();
  expect(markings.map(({ ids }) => ids)).toEqual([['a', 'b'], ['b']]);
  markings[1]?.end();
  await drained;
});

test('a start timeout that is soon does not wait for the distance after a marking that failed either', async () => {
  const { publisher, publish, markings } = setUp();
  await publish({ ...owing('a'), startTimeoutMs: 1_000 });
  const marking = publisher.mark();
  markings[0]?.fail();
  await expect(marking).rejects.toThrow('away');
  void publisher.mark();
  expect(markings.map(({ ids }) => ids)).toEqual([['a'], ['a']]);
});

test('draining marks what waits, and leaves owed what cannot be marked', async () => {
  const { publisher, publish, markings, warnings } = setUp();
  await publish(owing('a'));
  const drained = publisher.drain();
  await settled();
  markings[0]?.fail();
  await drained;
  expect(warnings).toHaveLength(1);
});
