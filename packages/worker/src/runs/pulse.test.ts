import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Beat, Pulse } from './pulse.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('beats regularly until stopped', async () => {
  const send = vi.fn<(beat: Beat) => Promise<void>>(async () => {});
  const pulse = new Pulse({ send, intervalMs: 1_000, gapMs: 200 });
  await vi.advanceTimersByTimeAsync(3_500);
  expect(send.mock.calls).toEqual([[{}], [{}], [{}]]);
  pulse.stop();
  pulse.beat({ message: 'too late' });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(send).toHaveBeenCalledTimes(3);
});

test('folds what comes faster than the gap, the newest of each', async () => {
  const send = vi.fn<(beat: Beat) => Promise<void>>(async () => {});
  const pulse = new Pulse({ send, intervalMs: undefined, gapMs: 200 });
  for (let i = 0; i <= 100; i++) pulse.beat({ progress: i / 100 });
  pulse.beat({ message: 'nearly' });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(send.mock.calls).toEqual([[{ progress: 0 }], [{ progress: 1, message: 'nearly' }]]);
  pulse.stop();
});

test('has one under way at a time, and sends again what was lost, but nothing older over something newer', async () => {
  const answers: PromiseWithResolvers<void>[] = [];
  const send = vi.fn<(beat: Beat) => Promise<void>>(() => {
    const answer = Promise.withResolvers<void>();
    answers.push(answer);
    return answer.promise;
  });
  const pulse = new Pulse({ send, intervalMs: undefined, gapMs: 10 });
  pulse.beat({ progress: 0.1, message: 'first' });
  pulse.beat({ progress: 0.2 });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(send).toHaveBeenCalledTimes(1);
  answers[0]?.reject(new Error('lost'));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(send.mock.calls[1]).toEqual([{ progress: 0.2, message: 'first' }]);
  answers[1]?.resolve();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(send).toHaveBeenCalledTimes(2);
  pulse.stop();
});
