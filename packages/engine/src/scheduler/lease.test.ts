import { expect, test } from 'vitest';
import type { Context } from './context.ts';
import { Lease } from './lease.ts';

test('a lease that is lost once more while the held jobs are read again has to be read once more', async () => {
  const clock = { now: 0 };
  const readings: (() => void)[] = [];
  const context = {
    clock: { now: () => clock.now },
    ids: { uid: () => 'me' },
    log: { info: () => {}, warn: () => {} },
    store: {
      renewManager: async () => {},
      heldJobs: () => new Promise((resolve) => readings.push(() => resolve([]))),
      anyFree: async () => false,
    },
  } as unknown as Context;
  const lease = new Lease(context, { maxJobs: 0, heartbeatTimeoutMs: 1_000, giveBackWithinMs: 1 }, () => {});
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const renewLate = async (): Promise<void> => {
    clock.now += 5_000;
    await lease.renew();
  };
  const readAgain = async (meanwhile: () => Promise<void>): Promise<void> => {
    const taking = lease.take();
    await settled();
    await meanwhile();
    readings.at(-1)?.();
    await taking;
  };

  await lease.renew();
  expect(lease.trusted()).toBe(true);
  await renewLate();
  expect(lease.trusted()).toBe(false);
  await readAgain(renewLate);
  expect(lease.trusted()).toBe(false);
  await readAgain(async () => {});
  expect(lease.trusted()).toBe(true);
});
