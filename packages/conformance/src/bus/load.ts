import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { BusHarness } from './harness.ts';
import { ACK, eventually, gate, hear, idOf, JOB, runActions, status, takeActions } from './material.ts';

const COUNT = 10_000;
const MIB = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that are really in use, on the heap and beside it. */
function bytesInUse(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Many messages at once, in memory that does not grow with them. */
export function loadTests(current: () => BusHarness): void {
  test(`holds ${COUNT} messages in flight in bounded memory, and no consumer more than its prefetch`, async () => {
    const { bus, endpoint, rawWorker, prefetch } = current();
    await bus.ensureTopology([JOB]);
    const worker = await rawWorker(JOB);
    const before = bytesInUse();

    const { passed, open } = gate();
    const stalled = await hear(bus, 'status', {
      maxBatch: 100,
      answer: async (batch) => {
        await passed;
        return batch.map(() => ACK);
      },
    });
    for (let sent = 0; sent < COUNT; sent += 500) {
      await Promise.all(
        Array.from({ length: 500 }, (_, i) => worker.publish('status', status(sent + i, { output: 'x'.repeat(300) }))),
      );
    }
    // What one consumer may not hold, the other gets: at least all but `prefetch`.
    const second = { count: 0 };
    const busy = await endpoint();
    await busy.consume(
      'status',
      async (batch) => {
        second.count += batch.length;
        return batch.map(() => ACK);
      },
      { maxBatch: 500 },
    );
    await expect.poll(() => second.count, { timeout: 30_000 }).toBeGreaterThanOrEqual(COUNT - prefetch);
    expect(stalled.messages.length).toBeLessThanOrEqual(100);
    expect(bytesInUse() - before).toBeLessThan(48 * MIB);

    open();
    await eventually(() => stalled.messages.length + second.count, COUNT);
    stalled.messages.length = 0;
    stalled.batches.length = 0;
    expect(bytesInUse() - before).toBeLessThan(16 * MIB);
  });

  test(`publishes ${COUNT} actions in one call, each to be taken once, and keeps nothing of them`, async () => {
    const { bus, rawWorker } = current();
    await bus.publishActions(runActions(JOB, 1, COUNT));
    const before = bytesInUse();
    const outcomes = await bus.publishActions(runActions(JOB, COUNT));
    expect(outcomes.filter((outcome) => outcome === 'confirmed').length).toBe(COUNT);
    const worker = await rawWorker(JOB);
    const taken = await takeActions(worker, { prefetch: 1_000 });
    await eventually(() => taken.length, COUNT + 1);
    expect(new Set(taken.map(idOf)).size).toBe(COUNT + 1);
    taken.length = 0;
    expect(bytesInUse() - before).toBeLessThan(16 * MIB);
  });
}
