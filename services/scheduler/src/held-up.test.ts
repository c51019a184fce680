import { createMemoryBroker } from '@simple-scheduler/bus-memory';
import { jobCreateSchema } from '@simple-scheduler/contracts';
import { type Context, newJob, OutdatedError, PICTURE_MAX_AGE_MS, settleDueTicks } from '@simple-scheduler/engine';
import type { Store } from '@simple-scheduler/engine';
import { createSystemIds } from '@simple-scheduler/runtime';
import { openSqliteStore } from '@simple-scheduler/store-sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const T0 = Date.parse('2026-03-01T08:00:00.000Z');
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const meter = { count: () => {}, gauge: () => {}, observe: () => {} };
const job = newJob(jobCreateSchema.parse({ name: 'a', interval: 1_000, maxQueueCount: 5 }), { uid: 'u', now: T0 });

let store: Store;
let now: number;
beforeEach(async () => {
  now = T0 + 1_500;
  store = await openSqliteStore({ path: ':memory:' });
  await store.migrate();
});
afterEach(() => store.close());

/** A scheduler whose process stands still for this long in each call of this method. */
function heldUp(method: 'occupancy' | 'insertRuns' | 'latestTicks', ms: number): Context {
  const slow = async (...args: unknown[]): Promise<unknown> => {
    const answer: unknown = await Reflect.apply(store[method], store, args);
    now += ms;
    return answer;
  };
  const through: Store = { ...store, [method]: slow };
  const bus = createMemoryBroker().bus();
  return { store: through, bus, clock: { now: () => now }, ids: createSystemIds(), log: quiet, meter };
}

const ticks = async (): Promise<number[]> =>
  (await store.listRuns({ limit: 50 })).runs.map((run) => run.scheduledAt - T0).toSorted((a, b) => a - b);

describe('a scheduler that is held up between reading a job and recording its tick', () => {
  it('looks again when it took so long that the record of the tick may have come and gone', async () => {
    await expect(settleDueTicks(heldUp('occupancy', PICTURE_MAX_AGE_MS + 1), [job], now)).rejects.toThrow(
      OutdatedError,
    );
    expect(await ticks()).toEqual([]);
    now = T0 + 1_500;
    await settleDueTicks(heldUp('occupancy', 0), [job], now);
    expect(await ticks()).toEqual([1_000]);
  });

  it('goes on after a shorter time', async () => {
    await settleDueTicks(heldUp('occupancy', PICTURE_MAX_AGE_MS), [job], now);
    expect(await ticks()).toEqual([1_000]);
  });

  it('is told by its own records, however long it works on many of them', async () => {
    now = T0 + 5_500;
    await settleDueTicks(heldUp('insertRuns', PICTURE_MAX_AGE_MS - 1), [job], now);
    expect(await ticks()).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
  });

  it('does so with several ticks as well, and goes on from what is recorded', async () => {
    now = T0 + 3_500;
    await expect(settleDueTicks(heldUp('latestTicks', PICTURE_MAX_AGE_MS + 1), [job], now)).rejects.toMatchObject({
      retryable: true,
    });
    expect(await ticks()).toEqual([]);
    now = T0 + 3_500;
    await settleDueTicks(heldUp('latestTicks', 0), [job], now);
    await settleDueTicks(heldUp('latestTicks', 0), [job], now);
    expect(await ticks()).toEqual([1_000, 2_000, 3_000]);
  });
});
