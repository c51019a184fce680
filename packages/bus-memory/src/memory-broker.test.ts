import { topologyFor } from '@simple-scheduler/contracts';
import { BusUnavailableError, type BusState, type OutgoingAction } from '@simple-scheduler/engine';
import { expect, test, vi } from 'vitest';
import { createMemoryBroker, createMemoryBus } from './memory-broker.ts';
import type { Timers } from './options.ts';

const JOB = topologyFor({ name: 'a-job' });

function actions(count: number, payload?: unknown): OutgoingAction[] {
  return Array.from({ length: count }, (_, i) => ({
    topology: JOB,
    messageId: `${i}`,
    body: { jobName: 'a-job', runId: `${i}`, action: 'run' as const, payload },
  }));
}

test('is blocked past maxBytes, takes nothing then, and goes on once consumers have made room', async () => {
  const broker = createMemoryBroker({ maxBytes: 10_000, publishDeadlineMs: 20 });
  const bus = broker.bus();
  const states: BusState[] = [];
  bus.onStateChange((state) => states.push(state));
  await bus.connect();
  const outcomes = await bus.publishActions(actions(20, 'x'.repeat(1_000)));
  expect(outcomes).toEqual(outcomes.map((_, i) => (i < 10 ? 'confirmed' : 'unconfirmed')));
  expect(bus.state()).toBe('blocked');
  expect(await bus.publishActions(actions(1))).toEqual(['unconfirmed']);

  const waiting = bus.publishActions(actions(1));
  const worker = broker.worker();
  await worker.consumeActions(JOB, { prefetch: 100, onMessage: (delivery) => delivery.ack() });
  expect(await waiting).toEqual(['confirmed']);
  expect(states).toEqual(['connected', 'blocked', 'connected']);
});

test('answers unconfirmed past the deadline while the broker is away, by the given timers', async () => {
  const due: (() => void)[] = [];
  const timers: Timers = { set: (callback) => due.push(callback), clear: () => {} };
  const broker = createMemoryBroker({ timers });
  const bus = broker.bus();
  await bus.connect();
  broker.interrupt();
  expect(bus.state()).toBe('connecting');
  const publishing = bus.publishActions(actions(2));
  await vi.waitFor(() => expect(due.length).toBe(1));
  due[0]?.();
  expect(await publishing).toEqual(['unconfirmed', 'unconfirmed']);
});

test('connect rejects after its time and succeeds once the broker is up', async () => {
  const broker = createMemoryBroker();
  broker.interrupt();
  const bus = broker.bus();
  await expect(bus.connect({ timeoutMs: 10 })).rejects.toThrow(BusUnavailableError);
  const connecting = bus.connect({ timeoutMs: 5_000 });
  broker.resume();
  await connecting;
  expect(bus.state()).toBe('connected');
});

test('publishes what was handed over before connect once connected', async () => {
  const bus = createMemoryBus();
  const publishing = bus.publishActions(actions(1));
  await bus.connect();
  expect(await publishing).toEqual(['confirmed']);
});

test('answers unconfirmed for a body that JSON cannot hold, and publishes the others', async () => {
  const bus = createMemoryBus();
  await bus.connect();
  const [first, second] = actions(2) as [OutgoingAction, OutgoingAction];
  const bad = { ...first, body: { ...first.body, payload: 1n } };
  expect(await bus.publishActions([bad, second])).toEqual(['unconfirmed', 'confirmed']);
});
