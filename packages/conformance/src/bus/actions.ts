import { topologyFor } from '@simple-scheduler/contracts';
import { expect, test } from 'vitest';
import type { BusHarness, RawAction } from './harness.ts';
import {
  eventually,
  eventuallyTrue,
  idOf,
  JOB,
  OTHER_JOB,
  runAction,
  runActions,
  runId,
  takeActions,
  text,
} from './material.ts';

/** Actions on their way to workers. */
export function actionTests(current: () => BusHarness): void {
  test('keeps a run action while no worker is up', async () => {
    const { bus, rawWorker } = current();
    expect(await bus.publishActions([runAction(JOB, 1)])).toEqual(['confirmed']);
    const worker = await rawWorker(JOB);
    await eventually(() => worker.queuedActions(), 1);
    const taken = await takeActions(worker);
    await eventually(() => taken.map(idOf), [runId(1)]);
    await eventually(() => worker.queuedActions(), 0);
  });

  test('sends exactly the body, persistent, as JSON, under its message id', async () => {
    const { bus, rawWorker } = current();
    const action = runAction(JOB, 1);
    const body = { ...action.body, payload: { grüße: ['🎉', null, 1.5] }, scheduledAt: '2024-05-01T00:00:00.000Z' };
    await bus.publishActions([{ ...action, body }]);
    const taken = await takeActions(await rawWorker(JOB));
    await eventually(() => taken.length, 1);
    const [received] = taken as [RawAction];
    expect(JSON.parse(text(received.body))).toEqual(body);
    expect(received).toMatchObject({
      routingKey: 'run',
      messageId: `${runId(1)}:1:run`,
      contentType: 'application/json',
      isPersistent: true,
      redelivered: false,
    });
  });

  test('gives each action to one of the workers that compete, and to another when that one dies', async () => {
    const { bus, rawWorker } = current();
    const mortal = await rawWorker(JOB);
    const held: RawAction[] = [];
    await mortal.declare();
    await mortal.consume((action) => held.push(action), { prefetch: 10 });
    await bus.publishActions(runActions(JOB, 5));
    await eventually(() => held.length, 5);

    const taken = await takeActions(await rawWorker(JOB));
    await bus.publishActions(runActions(JOB, 1, 5));
    await eventuallyTrue(() => held.length + taken.length === 6);
    await mortal.die();
    await eventually(() => taken.map(idOf).toSorted(), [0, 1, 2, 3, 4, 5].map(runId));
    const again = taken.filter((action) => action.redelivered).length;
    expect(again).toBe(held.length);
  });

  test('keeps the order of one topology within one call', async () => {
    const { bus, rawWorker } = current();
    const actions = Array.from({ length: 500 }, (_, i) => runAction(i % 2 === 0 ? JOB : OTHER_JOB, i));
    const outcomes = await bus.publishActions(actions);
    expect(new Set(outcomes)).toEqual(new Set(['confirmed']));
    const taken = await takeActions(await rawWorker(JOB), { prefetch: 1 });
    await eventually(() => taken.length, 250);
    expect(taken.map(idOf)).toEqual(actions.filter((_, i) => i % 2 === 0).map((action) => action.body.runId));
  });

  test('brings cancel to the queue and to every exclusive queue bound with it', async () => {
    const { bus, rawWorker } = current();
    const [first, second] = [await rawWorker(JOB), await rawWorker(JOB)];
    const heard: string[] = [];
    for (const [name, worker] of [
      ['first', first],
      ['second', second],
    ] as const) {
      await worker.declare();
      await worker.hearCancels((body) => heard.push(`${name} ${idOf({ body })}`));
    }
    await bus.publishActions([runAction(JOB, 1), runAction(JOB, 1, 'cancel')]);
    await eventually(() => heard.toSorted(), [`first ${runId(1)}`, `second ${runId(1)}`]);
    const taken = await takeActions(first);
    await eventually(() => taken.map((action) => action.routingKey), ['run', 'cancel']);
  });

  test('lets jobs share a work queue, told apart by the body', async () => {
    const { bus, rawWorker } = current();
    const [one, two] = ['one', 'two'].map((name) => topologyFor({ name, workQueue: 'shared.queue-1' }));
    if (one === undefined || two === undefined) throw new Error('two topologies');
    const actions = [one, two].map((topology, i) => {
      const action = runAction(topology, i);
      return { ...action, body: { ...action.body, jobName: `job-${i}` } };
    });
    await bus.publishActions(actions);
    const taken = await takeActions(await rawWorker(topologyFor({ name: 'any', workQueue: 'shared.queue-1' })));
    const jobNames = (): string[] =>
      taken.map((action) => (JSON.parse(text(action.body)) as { jobName: string }).jobName);
    await eventually(() => jobNames().toSorted(), ['job-0', 'job-1']);
  });

  test('answers an empty call, and one for many topologies at once', async () => {
    const { bus } = current();
    expect(await bus.publishActions([])).toEqual([]);
    const actions = Array.from({ length: 40 }, (_, i) => runAction(topologyFor({ name: `job-${i}` }), i));
    expect(await bus.publishActions(actions)).toEqual(actions.map(() => 'confirmed'));
  });
}
