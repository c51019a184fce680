import { topologyFor } from '@simple-scheduler/contracts';
import type { OutgoingAction } from '@simple-scheduler/engine';
import { expect, test, vi } from 'vitest';
import { createMemoryBroker } from './memory-broker.ts';
import type { MemoryActionDelivery } from './memory-worker-transport.ts';

const JOB = topologyFor({ name: 'a-job' });

function action(runId: string, kind: 'run' | 'cancel' = 'run'): OutgoingAction {
  return { topology: JOB, messageId: `${runId}:1:${kind}`, body: { jobName: 'a-job', runId, action: kind } };
}

function runIdOf(body: Uint8Array): string {
  return (JSON.parse(new TextDecoder().decode(body)) as { runId: string }).runId;
}

async function start() {
  const broker = createMemoryBroker({ publishDeadlineMs: 50 });
  const bus = broker.bus();
  await bus.connect();
  const worker = broker.worker();
  await worker.open();
  return { broker, bus, worker };
}

test('takes up to prefetch actions and the next with each acknowledgement', async () => {
  const { bus, worker } = await start();
  const held: { id: string; ack: () => void }[] = [];
  await worker.consumeActions(JOB, {
    prefetch: 2,
    onMessage: ({ body, ack }) => held.push({ id: runIdOf(body), ack }),
  });
  await bus.publishActions(['a', 'b', 'c'].map((id) => action(id)));
  await vi.waitFor(() => expect(held.map(({ id }) => id)).toEqual(['a', 'b']));
  held[0]?.ack();
  held[0]?.ack();
  await vi.waitFor(() => expect(held.map(({ id }) => id)).toEqual(['a', 'b', 'c']));
});

test('a paused consumer takes nothing, settles what it has, and goes on when resumed', async () => {
  const { broker, bus, worker } = await start();
  const held: MemoryActionDelivery[] = [];
  const consumption = await worker.consumeActions(JOB, { prefetch: 1, onMessage: (delivery) => held.push(delivery) });
  await bus.publishActions([action('a'), action('b')]);
  await vi.waitFor(() => expect(held.length).toBe(1));
  consumption.pause();
  held[0]?.giveBack();
  expect(held[0]?.isHeld()).toBe(false);

  const others: string[] = [];
  const other = broker.worker();
  const otherConsumption = await other.consumeActions(JOB, {
    prefetch: 2,
    onMessage: ({ body }) => others.push(runIdOf(body)),
  });
  await vi.waitFor(() => expect(others).toEqual(['a', 'b']));
  broker.interrupt(); // what the other one held goes back
  await otherConsumption.stop();
  broker.resume();
  consumption.resume();
  await vi.waitFor(() => expect(held.map(({ body }) => runIdOf(body))).toEqual(['a', 'a']));
  expect(held.map((delivery) => delivery.isHeld())).toEqual([false, true]);
});

test('gives unacknowledged actions to another worker when it closes, and those of a stopped consumer only then', async () => {
  const { broker, bus, worker } = await start();
  const taken: { id: string; ack: () => void }[] = [];
  const consumption = await worker.consumeActions(JOB, {
    prefetch: 5,
    onMessage: ({ body, ack }) => taken.push({ id: runIdOf(body), ack }),
  });
  await bus.publishActions([action('a'), action('b')]);
  await vi.waitFor(() => expect(taken.length).toBe(2));
  await consumption.stop();
  await bus.publishActions([action('c')]);

  const others: string[] = [];
  const other = broker.worker();
  await other.consumeActions(JOB, {
    prefetch: 5,
    onMessage: ({ body, ack, redelivered }) => {
      others.push(`${runIdOf(body)}${redelivered ? ' again' : ''}`);
      ack();
    },
  });
  await vi.waitFor(() => expect(others).toEqual(['c']));
  taken[0]?.ack();
  await worker.close();
  await vi.waitFor(() => expect(others).toEqual(['c', 'b again']));
});

test('hears every cancel, before and after the broker was away, until told to stop', async () => {
  const { broker, bus, worker } = await start();
  const heard: string[] = [];
  const onBack = vi.fn<() => void>();
  const consumption = await worker.hearCancels([JOB], (body) => heard.push(runIdOf(body)), onBack);
  await bus.publishActions([action('a'), action('a', 'cancel')]);
  await vi.waitFor(() => expect(heard).toEqual(['a']));
  expect(onBack).not.toHaveBeenCalled();
  broker.interrupt();
  broker.resume();
  await bus.publishActions([action('b', 'cancel')]);
  await vi.waitFor(() => expect(heard).toEqual(['a', 'b']));
  expect(onBack).toHaveBeenCalledTimes(1);
  await consumption.stop();
  const next: string[] = [];
  await worker.hearCancels([JOB], (body) => next.push(runIdOf(body)));
  await bus.publishActions([action('c', 'cancel')]);
  await vi.waitFor(() => expect(next).toEqual(['c']));
  expect(heard).toEqual(['a', 'b']);
});

test('goes on hearing the queue of a job that was deleted and is back', async () => {
  const { bus, worker } = await start();
  const taken: string[] = [];
  await worker.consumeActions(JOB, {
    prefetch: 1,
    onMessage: ({ body, ack }) => {
      taken.push(runIdOf(body));
      ack();
    },
  });
  await bus.deleteTopology(JOB);
  await bus.publishActions([action('a')]);
  await vi.waitFor(() => expect(taken).toEqual(['a']));
});

test('publishes to the shared queues; refuses while the broker is away and once it is closed', async () => {
  const { broker, bus, worker } = await start();
  await bus.ensureTopology([JOB]);
  const heard: string[] = [];
  await bus.consume(
    'heartbeat',
    async (batch) => {
      heard.push(...batch.map(({ body }) => runIdOf(body)));
      return batch.map(() => ({ kind: 'ack' }));
    },
    { maxBatch: 10 },
  );
  const body = new TextEncoder().encode('{"jobName":"a-job","runId":"a"}');
  await worker.publish('heartbeat', JOB, body);
  await vi.waitFor(() => expect(heard).toEqual(['a']));
  broker.interrupt();
  await expect(worker.publish('heartbeat', JOB, body)).rejects.toThrow('took no heartbeat in time');
  broker.resume();
  await worker.close();
  await expect(worker.publish('heartbeat', JOB, body)).rejects.toThrow('closed');
});

test('a handler that throws neither ends the process nor the consumer', async () => {
  const { bus, worker } = await start();
  const taken: string[] = [];
  await worker.consumeActions(JOB, {
    prefetch: 5,
    onMessage: ({ body }) => {
      taken.push(runIdOf(body));
      throw new Error('a worker broke');
    },
  });
  await bus.publishActions([action('a'), action('b')]);
  await vi.waitFor(() => expect(taken).toEqual(['a', 'b']));
});
