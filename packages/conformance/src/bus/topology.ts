import { SHARED_NAMES } from '@simple-scheduler/contracts';
import { expect, test } from 'vitest';
import type { BusHarness } from './harness.ts';
import {
  eventually,
  hear,
  idOf,
  JOB,
  OTHER_JOB,
  runAction,
  runActions,
  runId,
  status,
  takeActions,
} from './material.ts';

/** Exchanges, queues and bindings. */
export function topologyTests(current: () => BusHarness): void {
  const exchanges = [JOB.actionExchange, JOB.statusExchange, JOB.heartbeatExchange];

  test('declares what workers declare too, in either order', async () => {
    const { bus, rawWorker } = current();
    const [early, late] = [await rawWorker(JOB), await rawWorker(OTHER_JOB)];
    await early.declare();
    await bus.ensureTopology([JOB, OTHER_JOB]);
    await bus.ensureTopology([JOB, OTHER_JOB, JOB]);
    await late.declare();
    for (const name of exchanges) expect(await early.exchangeExists(name)).toBe(true);
    expect(await bus.publishActions([runAction(JOB, 1), runAction(OTHER_JOB, 2)])).toEqual(['confirmed', 'confirmed']);
  });

  test('removes the topology of a job, also where it is gone already, and declares it again when it is back', async () => {
    const { bus, rawWorker } = current();
    const worker = await rawWorker(JOB);
    await bus.publishActions([runAction(JOB, 1)]);
    await bus.deleteTopology(JOB);
    await bus.deleteTopology(JOB);
    for (const name of exchanges) expect(await worker.exchangeExists(name)).toBe(false);

    expect(await bus.publishActions([runAction(JOB, 2)])).toEqual(['confirmed']);
    const taken = await takeActions(worker);
    await eventually(() => taken.map(idOf), [runId(2)]);
  });

  test('binds anew what another process has deleted, and a worker has declared since, once it is told to forget it', async () => {
    const { bus, endpoint, rawWorker } = current();
    const other = await endpoint();
    const heard = await hear(bus, 'status');
    await bus.ensureTopology([JOB]);
    await other.deleteTopology(JOB);
    const worker = await rawWorker(JOB);
    await worker.declare();
    bus.forgetTopologies([JOB, OTHER_JOB]);
    await bus.ensureTopology([JOB]);
    await worker.publish('status', status(1));
    await eventually(() => heard.ids(), [runId(1)]);
    expect(await bus.publishActions([runAction(JOB, 1)])).toEqual(['confirmed']);
  });

  test('declares an action exchange again that was deleted behind its back', async () => {
    const { bus, rawWorker } = current();
    const worker = await rawWorker(JOB);
    await bus.ensureTopology([JOB, OTHER_JOB]);
    await worker.deleteExchange(JOB.actionExchange);
    const actions = [...runActions(OTHER_JOB, 20), ...runActions(JOB, 20, 100)];
    expect(await bus.publishActions(actions)).toEqual(actions.map(() => 'confirmed'));
    const taken = await takeActions(worker);
    await eventually(() => new Set(taken.map(idOf)).size, 20);
    expect(new Set(taken.slice(0, 20).map(idOf))).toEqual(
      new Set(actions.slice(20).map((action) => action.body.runId)),
    );
  });

  test('declares an action queue again that was deleted behind its back', async () => {
    const { bus, rawWorker } = current();
    const worker = await rawWorker(JOB);
    await bus.ensureTopology([JOB]);
    await worker.deleteQueue(JOB.actionQueue);
    expect(await bus.publishActions(runActions(JOB, 5))).toEqual(Array.from({ length: 5 }, () => 'confirmed'));
    const taken = await takeActions(worker);
    await eventually(() => taken.map(idOf), [0, 1, 2, 3, 4].map(runId));
  });

  test('declares the dead-letter queue again that was deleted behind its back', async () => {
    const { bus, rawWorker, deadLetters } = current();
    await bus.ensureTopology([JOB]);
    const worker = await rawWorker(JOB);
    await worker.deleteQueue(SHARED_NAMES.deadLetterQueue);
    await hear(bus, 'status', { answer: async (batch) => batch.map(() => ({ kind: 'dead', reason: 'no good' })) });
    await worker.publish('status', status(1));
    await eventually(async () => (await deadLetters()).map((letter) => letter.reason), ['no good']);
  });
}
