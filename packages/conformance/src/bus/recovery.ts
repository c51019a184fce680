import type { BusState } from '@simple-scheduler/engine';
import { expect, test } from 'vitest';
import type { BusHarness } from './harness.ts';
import {
  ACK,
  eventually,
  eventuallyTrue,
  hear,
  hearControl,
  idOf,
  JOB,
  OTHER_JOB,
  runAction,
  runActions,
  runId,
  status,
  takeActions,
} from './material.ts';

/** Closing, and a broker that goes and comes. */
export function recoveryTests(current: () => BusHarness): void {
  test('close settles what is being published, says so, and then takes nothing more', async () => {
    const { endpoint, rawWorker } = current();
    const bus = await endpoint();
    const states: BusState[] = [];
    bus.onStateChange((state) => states.push(state));
    expect(bus.state()).toBe('connected');
    const publishing = bus.publishActions(runActions(JOB, 200));
    await bus.close();
    const outcomes = await publishing;
    await bus.close();
    expect(bus.state()).toBe('closed');
    expect(states.at(-1)).toBe('closed');
    expect(outcomes).toEqual(outcomes.map(() => 'confirmed'));
    expect(await bus.publishActions([runAction(JOB, 999)])).toEqual(['unconfirmed']);
    const taken = await takeActions(await rawWorker(JOB));
    await eventually(() => taken.length, 200);
  });

  test('loses nothing confirmed when the broker is restarted while it publishes', async () => {
    const { bus, rawWorker, restartBroker } = current();
    const confirmed = new Set<string>();
    let next = 0;
    let isRestarted = false;
    const publishing = (async () => {
      let after = 0;
      while (!isRestarted || after++ < 5) {
        const actions = [...runActions(JOB, 10, next), ...runActions(OTHER_JOB, 10, next + 10)];
        next += 20;
        const outcomes = await bus.publishActions(actions);
        for (const [i, action] of actions.entries()) if (outcomes[i] === 'confirmed') confirmed.add(action.body.runId);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    await eventuallyTrue(() => confirmed.size > 100);
    await restartBroker();
    isRestarted = true;
    const before = confirmed.size;
    await publishing;
    expect(confirmed.size).toBeGreaterThan(before);
    const taken = [await takeActions(await rawWorker(JOB)), await takeActions(await rawWorker(OTHER_JOB))];
    await eventually(() => {
      const arrived = new Set(taken.flat().map(idOf));
      return [...confirmed].filter((id) => !arrived.has(id));
    }, []);
  });

  test('comes back after a restart: consumers, listeners, state, and what was not acknowledged before', async () => {
    const { bus, endpoint, rawWorker, restartBroker } = current();
    const other = await endpoint();
    const states: BusState[] = [];
    bus.onStateChange((state) => states.push(state));
    await bus.ensureTopology([JOB]);
    let isRestarted = false;
    const statuses = await hear(bus, 'status', {
      answer: async (batch) => batch.map(() => (isRestarted ? ACK : { kind: 'retry' })),
    });
    const control = await hearControl(bus);
    const worker = await rawWorker(JOB);
    for (let i = 0; i < 20; i++) await worker.publish('status', status(i));
    await eventuallyTrue(() => new Set(statuses.ids()).size === 20);
    await restartBroker();
    isRestarted = true;
    statuses.messages.length = 0;
    await eventuallyTrue(() => new Set(statuses.ids()).size === 20);

    // The bindings are durable: statuses find their way before anything is published or declared again.
    await (await rawWorker(JOB)).publish('status', status(20));
    await eventuallyTrue(() => statuses.ids().includes(runId(20)));
    await eventuallyTrue(async () => {
      await other.announce({ type: 'jobs_freed' });
      return control.messages.length > 0;
    });
    expect(states.slice(0, 1)).toEqual(['connecting']);
    await eventually(() => states.at(-1), 'connected');
    expect(bus.state()).toBe('connected');
  });
}
