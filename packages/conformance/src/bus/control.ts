import { expect, test } from 'vitest';
import type { BusHarness } from './harness.ts';
import { bytes, eventually, hearControl } from './material.ts';

/** What services tell each other. */
export function controlTests(current: () => BusHarness): void {
  test('brings an announcement to everybody who listens, the announcer included', async () => {
    const { bus, endpoint } = current();
    const other = await endpoint();
    const listeners = [await hearControl(bus), await hearControl(bus), await hearControl(other)];
    await bus.announce({ type: 'job_changed', names: ['a-job', 'b'] });
    await other.announce({ type: 'jobs_freed' });
    for (const { messages } of listeners) {
      await eventually(
        () => messages.toSorted((a, b) => a.type.localeCompare(b.type)),
        [{ type: 'job_changed', names: ['a-job', 'b'] }, { type: 'jobs_freed' }],
      );
    }
  });

  test('announces although nobody listens, and to no one who has stopped', async () => {
    const { bus } = current();
    await bus.announce({ type: 'jobs_freed' });
    const stopped = await hearControl(bus);
    await stopped.consumption.stop();
    await stopped.consumption.stop();
    const listening = await hearControl(bus);
    await bus.announce({ type: 'scheduler_joined', managerId: 'm' });
    await eventually(() => listening.messages, [{ type: 'scheduler_joined', managerId: 'm' }]);
    expect(stopped.messages).toEqual([]);
  });

  test('brings what was announced last before the bus was closed: a scheduler that ends frees its jobs like that', async () => {
    const { bus, endpoint } = current();
    const { messages } = await hearControl(bus);
    for (let i = 1; i <= 5; i++) {
      const ending = await endpoint();
      await ending.announce({ type: 'jobs_freed' });
      await ending.close();
      await eventually(() => messages.length, i);
    }
  });

  test('leaves out what is not an announcement, and outlives a listener that throws', async () => {
    const { bus, publishControl } = current();
    const heard: string[] = [];
    await bus.onControl((message) => {
      heard.push(message.type);
      throw new Error('a listener broke');
    });
    await publishControl(bytes('{"type":'));
    await publishControl(bytes({ type: 'unheard_of' }));
    await bus.announce({ type: 'jobs_freed' });
    await bus.announce({ type: 'jobs_freed' });
    await eventually(() => heard, ['jobs_freed', 'jobs_freed']);
  });
}
