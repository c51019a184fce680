import { openRabbitBus, type RabbitBus } from '@simple-scheduler/bus-rabbitmq';
import { topologyFor } from '@simple-scheduler/contracts';
import { createVhost, type Vhost, waitFor } from '@simple-scheduler/testkit';
import { sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RabbitRawWorker, rawWorker } from './raw-worker.ts';

const JOB = topologyFor({ name: 'a-job' });
/** Longer than a test may take: who waits for it fails. */
const FOREVER_MS = 600_000;

let vhost: Vhost;
let bus: RabbitBus;
let worker: RabbitRawWorker;

beforeEach(async () => {
  vhost = await createVhost(await sharedRabbitmq());
});
afterEach(async () => {
  await worker.die();
  await bus.close();
  await vhost.remove();
});

/** The sizes of the batches, and when each began. */
async function consume(batchDistanceMs: number): Promise<{ size: number; at: number }[]> {
  bus = openRabbitBus({ url: vhost.url, batchDistanceMs });
  await bus.connect({ timeoutMs: 10_000 });
  const batches: { size: number; at: number }[] = [];
  const take = async (batch: readonly unknown[]) => {
    batches.push({ size: batch.length, at: performance.now() });
    return batch.map(() => ({ kind: 'ack' }) as const);
  };
  await bus.consume('status', take, { maxBatch: 2_000 });
  await bus.ensureTopology([JOB]);
  worker = await rawWorker(vhost.url, JOB);
  return batches;
}

const publish = (count: number): Promise<void[]> =>
  Promise.all(Array.from({ length: count }, () => worker.publish('status', Buffer.from('{}'))));
const sizeOf = (batches: readonly { size: number }[]): number => batches.reduce((sum, { size }) => sum + size, 0);

test('small batches begin at a distance, the first one at once', async () => {
  const distanceMs = 100;
  const batches = await consume(distanceMs);
  const publishedAt = performance.now();
  for (let i = 1; batches.length < 4; i += 1) {
    await publish(1);
    await waitFor(async () => i === 1 || batches.length > 0, { message: 'the first batch' });
  }
  // From before the first began to after the fourth did; a timer may be a millisecond early.
  expect((batches[3]?.at ?? 0) - publishedAt).toBeGreaterThanOrEqual(3 * (distanceMs - 1));
});

test('where there is enough for a large batch, nothing waits', async () => {
  const batches = await consume(FOREVER_MS);
  await publish(1);
  await waitFor(async () => batches.length === 1, { message: 'the first batch' });
  await publish(100);
  expect(batches).toHaveLength(1);
  await publish(400);
  await waitFor(async () => batches.length > 1, { message: 'the large batch' });
  expect(batches[1]?.size).toBeGreaterThan(200);
});

test('a consumer that is stopped does not wait for its next batch, which stays with the broker', async () => {
  const batches = await consume(FOREVER_MS);
  await publish(1);
  await waitFor(async () => batches.length === 1, { message: 'the first batch' });
  await publish(3);
  await bus.close();
  expect(sizeOf(batches)).toBe(1);
  const again = await consume(0);
  await waitFor(async () => sizeOf(again) === 3, { message: 'what was left' });
});
