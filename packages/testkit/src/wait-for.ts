import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  /** How long the condition may take. */
  readonly timeoutMs?: number;
  /** Pause between two looks. */
  readonly intervalMs?: number;
  /** What was awaited, for the error: "two runs completed". A function may describe what was seen last. */
  readonly message?: string | (() => string);
}

/**
 * Waits until `condition` gives a truthy value and returns it. A condition that throws counts as "not yet"; its last error
 * is the cause of the error that a wait past `timeoutMs` (10 s unless told) ends in.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 20, message = 'the condition' }: WaitOptions = {},
): Promise<NonNullable<T>> {
  const deadlineAt = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadlineAt) break;
    await sleep(intervalMs);
  }
  const what = typeof message === 'string' ? message : message();
  const seen = cause instanceof Error ? ` (${cause.message})` : '';
  throw new Error(`Waited ${timeoutMs} ms in vain for ${what}${seen}`, { cause });
}
