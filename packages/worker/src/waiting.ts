import { setTimeout as sleep } from 'node:timers/promises';

/** Some 25 days; a longer timer goes off at once. */
export const TIMER_MAX_MS: number = 2 ** 31 - 1;

/** Pause after `failures` (1 or more) in a row: doubles up to `maxMs`, less up to half by chance, so that a fleet spreads out. */
export function backoffMs(failures: number, { firstMs, maxMs }: { firstMs: number; maxMs: number }): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(full * (1 - Math.random() / 2));
}

/** Resolves after `delayMs`, or as soon as `signal` is aborted. */
export async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  await sleep(delayMs, undefined, { signal }).catch(() => {});
}

/** True when `work` settles within `timeoutMs` (which may be endless), whichever way; false when it is still going on then. */
export async function settlesWithin(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const timer = new AbortController();
  const settled = work.then(
    () => true,
    () => true,
  );
  const late = sleep(Math.min(timeoutMs, TIMER_MAX_MS), false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([settled, late]);
  } finally {
    timer.abort();
  }
}
