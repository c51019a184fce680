import { openRabbitBus, type RabbitBus } from '@simple-scheduler/bus-rabbitmq';
import { topologyFor } from '@simple-scheduler/contracts';
import type { IncomingMessage, Settlement } from '@simple-scheduler/engine';
import { createVhost, type Vhost, waitFor } from '@simple-scheduler/testkit';
import { sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RabbitRawWorker, rawWorker } from './raw-worker.ts';

const JOB = topologyFor({ name: 'a-job' });

let vhost: Vhost;
let buses: RabbitBus[];
let worker: RabbitRawWorker;

beforeEach(async () => {
  vhost = await createVhost(await sharedRabbitmq());
  buses = [];
});
afterEach(async () => {
  await worker.die();
  await Promise.all(buses.map((bus) => bus.close()));
  await vhost.remove();
});

interface Consumer {
  readonly bus: RabbitBus;
  /** What it has acknowledged. */
  readonly taken: string[];
  fails: boolean;
  /** Batches that failed. */
  failures: number;
}

/** A consumer whose rank is the higher, the higher `random` is. */
async function consumer(kind: 'status' | 'heartbeat', random: number): Promise<Consumer> {
  const bus = openRabbitBus({ url: vhost.url, batchDistanceMs: 1, retryDelayMs: 50, random: () => random });
  buses.push(bus);
  await bus.connect({ timeoutMs: 10_000 });
  const made: Consumer = { bus, taken: [], fails: false, failures: 0 };
  const take = async (batch: readonly IncomingMessage[]): Promise<Settlement[]> => {
    if (made.fails) {
      made.failures += 1;
      throw new Error('the store is away');
    }
    made.taken.push(...batch.map(({ body }) => Buffer.from(body).toString()));
    return batch.map(() => ({ kind: 'ack' }));
  };
  await bus.consume(kind, take, { maxBatch: 100 });
  await bus.ensureTopology([JOB]);
  return made;
}

const names = (count: number, of: string): string[] => Array.from({ length: count }, (_, n) => `${of}-${n}`);

/** One after the other, so that they could be served by turns. */
async function publish(kind: 'status' | 'heartbeat', messages: readonly string[]): Promise<void> {
  for (const message of messages) await worker.publish(kind, Buffer.from(message));
}

const taken = (consumers: readonly Consumer[]): string[] => consumers.flatMap((one) => one.taken).toSorted();

test('statuses go to one of several consumers, as long as its batches succeed', async () => {
  const [low, high] = [await consumer('status', 0.1), await consumer('status', 0.9)];
  worker = await rawWorker(vhost.url, JOB);
  const first = names(40, 'first');
  await publish('status', first);
  await waitFor(async () => high.taken.length === first.length, { message: 'all of them to be taken by one' });
  expect(low.taken).toEqual([]);

  high.fails = true;
  const second = names(40, 'second');
  await publish('status', second);
  await waitFor(async () => new Set(low.taken).size === second.length, { message: 'the other one to take them' });
  expect(taken([low])).toEqual(second.toSorted());
  expect(high.failures, 'it is asked no more while the other one takes all').toBeLessThanOrEqual(3);

  await low.bus.close();
  high.fails = false;
  // The first of them ends in success, so that the other one comes by the new rank.
  for (const message of ['alone', 'alone again']) {
    await publish('status', [message]);
    await waitFor(async () => high.taken.includes(message), { message: `the one that is left to take '${message}'` });
  }
  const newcomer = await consumer('status', 0.2);
  const third = names(40, 'third');
  await publish('status', third);
  await waitFor(async () => third.every((message) => high.taken.includes(message)), {
    message: 'one whose batches succeed again to have its rank again',
  });
  expect(newcomer.taken).toEqual([]);
});

test('one that has as much as it may hold leaves the rest to the others', async () => {
  const bus = openRabbitBus({ url: vhost.url, prefetch: 10, random: () => 0.9 });
  buses.push(bus);
  await bus.connect({ timeoutMs: 10_000 });
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const held = async (batch: readonly IncomingMessage[]): Promise<Settlement[]> => {
    await ended;
    return batch.map(() => ({ kind: 'ack' }));
  };
  await bus.consume('status', held, { maxBatch: 100 });
  const other = await consumer('status', 0.1);
  worker = await rawWorker(vhost.url, JOB);
  await publish('status', names(40, 'one'));
  await waitFor(async () => other.taken.length === 30, { message: 'the rest to be taken' });
  end();
});

test('heartbeats are served by turns', async () => {
  const [low, high] = [await consumer('heartbeat', 0.1), await consumer('heartbeat', 0.9)];
  worker = await rawWorker(vhost.url, JOB);
  const all = names(40, 'beat');
  await publish('heartbeat', all);
  await waitFor(async () => taken([low, high]).length === all.length, { message: 'all to be taken' });
  expect([low.taken.length, high.taken.length]).toEqual([20, 20]);
});
