import { expect, test } from 'vitest';
import { waitFor } from './wait-for.ts';

test('gives the first truthy value', async () => {
  let looks = 0;
  expect(await waitFor(() => (++looks === 3 ? 'there' : undefined), { intervalMs: 1 })).toBe('there');
  expect(looks).toBe(3);
});

test('takes an error for "not yet"', async () => {
  let looks = 0;
  const condition = async (): Promise<number> => {
    if (++looks < 3) throw new Error('not there');
    return looks;
  };
  expect(await waitFor(condition, { intervalMs: 1 })).toBe(3);
});

test('looks once even without time, and says what was awaited and what came instead', async () => {
  await expect(waitFor(() => true, { timeoutMs: 0 })).resolves.toBe(true);
  const failing = waitFor(
    () => {
      throw new Error('connection refused');
    },
    { timeoutMs: 0, message: 'the server' },
  );
  await expect(failing).rejects.toThrow('Waited 0 ms in vain for the server (connection refused)');
  await expect(waitFor(() => false, { timeoutMs: 0, message: () => 'two of 3' })).rejects.toThrow('for two of 3');
});
