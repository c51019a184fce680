import { expect, test, vi } from 'vitest';
import { Deadline, within } from './deadline.ts';

test('calls back everybody once when its time is over, and late comers at once', async () => {
  const deadline = new Deadline(5);
  const calls: string[] = [];
  deadline.onEnd(() => calls.push('a'));
  deadline.onEnd(() => calls.push('taken back'))();
  await vi.waitFor(() => expect(deadline.isOver).toBe(true));
  deadline.onEnd(() => calls.push('late'));
  deadline.end();
  expect(calls).toEqual(['a', 'late']);
});

test('within gives what comes first', async () => {
  expect(await within(Promise.resolve('value'), 1_000, 'late')).toBe('value');
  expect(await within(new Promise(() => {}), 1, 'late')).toBe('late');
  await expect(within(Promise.reject(new Error('no')), 1_000, 'late')).rejects.toThrow('no');
});

test('within leaves a rejection that comes too late to nobody', async () => {
  const { promise, reject } = Promise.withResolvers<string>();
  expect(await within(promise, 1, 'late')).toBe('late');
  reject(new Error('too late'));
  await new Promise((resolve) => setImmediate(resolve));
});
