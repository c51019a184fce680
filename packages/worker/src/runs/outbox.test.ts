import { topologyFor } from '@simple-scheduler/contracts';
import { expect, test, vi } from 'vitest';
import type { Report } from '../messages.ts';
import { UnroutableError } from '../transport.ts';
import { Outbox } from './outbox.ts';

const report: Report = { topology: topologyFor({ name: 'a-job' }), body: new Uint8Array() };
const log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: vi.fn<(fields: object, message: string) => void>(),
};

function outboxWith(publish: (report: Report) => Promise<void>, unroutableForMs = 1_000): Outbox {
  return new Outbox({ publish, limit: 10, unroutableForMs, log });
}

test('sends until confirmed, one copy at a time, and tells when it is', async () => {
  let tries = 0;
  const outbox = outboxWith(async () => {
    tries++;
    if (tries < 3) throw new Error('lost');
  });
  const onSettled = vi.fn<() => void>();
  outbox.onSettled(onSettled);
  const both = [outbox.add('1:1', report), outbox.add('1:1', report)];
  expect(outbox.size).toBe(1);
  expect(await Promise.all(both)).toEqual([true, true]);
  expect([tries, outbox.size]).toEqual([3, 0]);
  expect(onSettled).toHaveBeenCalledTimes(1);
});

test('gives up what nobody hears, after a while and aloud', async () => {
  const publish = vi.fn<() => Promise<void>>(() => Promise.reject(new UnroutableError('no queue')));
  const outbox = outboxWith(publish, 200);
  expect(await outbox.add('1:1', report)).toBe(false);
  expect(publish.mock.calls.length).toBeGreaterThan(1);
  expect(log.error).toHaveBeenCalledWith(
    expect.objectContaining({ report: '1:1' }),
    expect.stringContaining('giving up'),
  );
});

test('flush waits for what is under way, close ends what waits for its next try', async () => {
  const gate = Promise.withResolvers<void>();
  const slow = outboxWith(() => gate.promise);
  const sent = slow.add('1:1', report);
  expect(await slow.flush(10)).toBe(false);
  gate.resolve();
  expect(await slow.flush(1_000)).toBe(true);
  expect(await sent).toBe(true);

  const failing = outboxWith(() => Promise.reject(new Error('lost')));
  const given = failing.add('1:1', report);
  failing.close();
  expect(await given).toBe(false);
});
