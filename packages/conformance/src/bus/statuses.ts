import { expect, test } from 'vitest';
import type { BusHarness } from './harness.ts';
import { ACK, bytes, eventually, eventuallyTrue, gate, hear, idOf, JOB, OTHER_JOB, runId, status } from './material.ts';

/** Statuses and heartbeats on their way back. */
export function statusTests(current: () => BusHarness): void {
  test('brings statuses and heartbeats of all topologies to their shared queues', async () => {
    const { bus, rawWorker } = current();
    await bus.ensureTopology([JOB, OTHER_JOB]);
    const [statuses, beats] = [await hear(bus, 'status'), await hear(bus, 'heartbeat')];
    for (const [i, topology] of [JOB, OTHER_JOB].entries()) {
      const worker = await rawWorker(topology);
      await worker.publish('status', status(i));
      await worker.publish('heartbeat', bytes({ jobName: 'a-job', runId: runId(10 + i) }));
    }
    await eventually(() => statuses.ids().toSorted(), [runId(0), runId(1)]);
    await eventually(() => beats.ids().toSorted(), [runId(10), runId(11)]);
    expect(statuses.messages.find((message) => idOf(message) === runId(1))).toMatchObject({
      exchange: OTHER_JOB.statusExchange,
      redelivered: false,
    });
  });

  test('keeps statuses until somebody consumes them', async () => {
    const { bus, rawWorker } = current();
    await bus.ensureTopology([JOB]);
    const worker = await rawWorker(JOB);
    for (let i = 0; i < 10; i++) await worker.publish('status', status(i));
    const { ids } = await hear(bus, 'status');
    await eventually(() => ids().length, 10);
  });

  test('calls the handler with at most maxBatch messages, one call at a time', async () => {
    const { bus, rawWorker } = current();
    await bus.ensureTopology([JOB]);
    const worker = await rawWorker(JOB);
    let running = 0;
    let mostRunning = 0;
    const answer = async (batch: readonly unknown[]) => {
      mostRunning = Math.max(mostRunning, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return batch.map(() => ACK);
    };
    const { batches, ids } = await hear(bus, 'status', { maxBatch: 7, answer });
    await Promise.all(Array.from({ length: 100 }, (_, i) => worker.publish('status', status(i))));
    await eventually(() => new Set(ids()).size, 100);
    expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(7);
    expect(mostRunning).toBe(1);
  });

  test('gives each message to one of the endpoints that consume', async () => {
    const { bus, endpoint, rawWorker } = current();
    await bus.ensureTopology([JOB]);
    const heard = [await hear(bus, 'status', { maxBatch: 5 }), await hear(await endpoint(), 'status', { maxBatch: 5 })];
    const worker = await rawWorker(JOB);
    for (let i = 0; i < 40; i++) await worker.publish('status', status(i));
    await eventually(() => heard.reduce((sum, one) => sum + one.messages.length, 0), 40);
    expect(new Set(heard.flatMap((one) => one.ids())).size).toBe(40);
  });

  test('one whose handler rejects does not keep messages from the others', async () => {
    const { bus, endpoint, rawWorker } = current();
    await bus.ensureTopology([JOB]);
    const answer = (): Promise<never> => Promise.reject(new Error('the store is away'));
    await hear(bus, 'status', { maxBatch: 5, answer });
    const { ids } = await hear(await endpoint(), 'status', { maxBatch: 5 });
    const worker = await rawWorker(JOB);
    for (let i = 0; i < 40; i++) await worker.publish('status', status(i));
    await eventually(() => new Set(ids()).size, 40);
  });

  test('delivers again what a consumer that closes has not acknowledged', async () => {
    const { endpoint, bus, rawWorker } = current();
    await bus.ensureTopology([JOB]);
    const mortal = await endpoint();
    const worker = await rawWorker(JOB);
    for (let i = 0; i < 20; i++) await worker.publish('status', status(i));
    const first = await hear(mortal, 'status', {
      maxBatch: 20,
      answer: async (batch) => batch.map((_, i) => (i % 2 === 0 ? ACK : { kind: 'retry' })),
    });
    await eventuallyTrue(() => first.messages.length >= 10);
    await mortal.close();
    const settled = first.batches.flatMap((batch) => batch.filter((_, i) => i % 2 === 0)).map(idOf);
    const { ids, messages } = await hear(bus, 'status');
    await eventuallyTrue(() => new Set([...settled, ...ids()]).size === 20);
    expect(messages.some((message) => message.redelivered)).toBe(true);
    expect(ids().filter((id) => settled.includes(id))).toEqual([]);
  });

  test('delivers again, a little later, what was answered retry, and what comes after it meanwhile', async () => {
    const { bus, rawWorker } = current();
    await bus.ensureTopology([JOB]);
    const worker = await rawWorker(JOB);
    const refusedOnce = new Set<string>();
    const { messages, ids } = await hear(bus, 'status', {
      answer: async (batch) =>
        batch.map((message) => {
          const id = idOf(message);
          if (id !== runId(3) || refusedOnce.has(id)) return ACK;
          refusedOnce.add(id);
          return { kind: 'retry' };
        }),
    });
    for (let i = 0; i < 10; i++) await worker.publish('status', status(i));
    await eventually(() => ids().length, 11);
    expect(messages.filter((message) => message.redelivered).map(idOf)).toEqual([runId(3)]);
  });

  test('delivers a batch again whose handler rejects or answers too little', async () => {
    const { bus, rawWorker } = current();
    await bus.ensureTopology([JOB]);
    const worker = await rawWorker(JOB);
    let calls = 0;
    const { ids } = await hear(bus, 'status', {
      answer: async (batch) => {
        calls++;
        if (calls === 1) throw new Error('the store is away');
        return calls === 2 ? [] : batch.map(() => ACK);
      },
    });
    await worker.publish('status', status(1));
    await eventually(() => ids(), [runId(1), runId(1), runId(1)]);
  });

  test('puts what is dead, whole, into the dead-letter queue and goes on', async () => {
    const { bus, rawWorker, deadLetters } = current();
    await bus.ensureTopology([JOB]);
    const worker = await rawWorker(JOB);
    const huge = bytes(`{"jobName":"${'x'.repeat(1_500_000)}"}`);
    const poison: [string, Uint8Array][] = [
      ['invalid JSON', bytes('{"jobName":')],
      ['not even text', Uint8Array.from([0xff, 0xfe, 0x00, 0xc3])],
      ['empty', new Uint8Array()],
      ['too large', huge],
      ['wrong fields', bytes({ jobName: 7, runId: 'nonsense', status: null })],
    ];
    for (const [i, [, body]] of poison.entries()) {
      await worker.publish('status', body);
      await worker.publish('status', status(i));
    }
    const reasons = new Map(poison.map(([reason, body]) => [Buffer.from(body).toString('base64'), reason]));
    const good: string[] = [];
    await hear(bus, 'status', {
      maxBatch: 3,
      answer: async (batch) =>
        batch.map((message) => {
          const reason = reasons.get(Buffer.from(message.body).toString('base64'));
          if (reason !== undefined) return { kind: 'dead', reason };
          good.push(idOf(message));
          return ACK;
        }),
    });
    await eventually(
      () => good.toSorted(),
      poison.map((_, i) => runId(i)),
    );
    await eventually(
      async () => (await deadLetters()).map((letter) => letter.reason).toSorted(),
      poison.map(([reason]) => reason).toSorted(),
    );
    for (const letter of await deadLetters()) {
      expect(letter.originalExchange).toBe(JOB.statusExchange);
      expect(reasons.get(Buffer.from(letter.body).toString('base64'))).toBe(letter.reason);
    }
  });

  test('stop waits for the running batch, settles it, and gives back the rest', async () => {
    const { bus, endpoint, rawWorker } = current();
    await bus.ensureTopology([JOB]);
    const worker = await rawWorker(JOB);
    for (let i = 0; i < 10; i++) await worker.publish('status', status(i));
    const { passed, open } = gate();
    const { consumption, messages } = await hear(bus, 'status', {
      maxBatch: 4,
      answer: async (batch) => {
        await passed;
        return batch.map(() => ACK);
      },
    });
    await eventuallyTrue(() => messages.length > 0);
    let isStopped = false;
    const stopping = Promise.all([consumption.stop(), consumption.stop()]).then(() => {
      isStopped = true;
    });
    expect(isStopped).toBe(false);
    open();
    await stopping;
    const mine = messages.map(idOf);
    expect(mine.length).toBeLessThanOrEqual(4);
    const { ids } = await hear(await endpoint(), 'status');
    await eventually(
      () => [...mine, ...ids()].toSorted(),
      Array.from({ length: 10 }, (_, i) => runId(i)),
    );
  });
}
