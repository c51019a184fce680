import type { RetryBackoff } from '@simple-scheduler/contracts/vocabulary';

export interface RetryPolicy {
  readonly backoff: RetryBackoff;
  /** Delay before the first retry; with `exponential` it doubles with each further one. */
  readonly delayMs: number;
  /** Upper bound of the doubling. */
  readonly maxDelayMs: number;
}

/**
 * Time until the retry after the `failures`-th failure (from 1), ms. `fixed` is exactly the delay; `exponential` is drawn
 * evenly from zero to the grown delay ("full jitter", Brooker, AWS Architecture Blog 2015), so that what failed together
 * does not come back together.
 */
export function retryDelayMs(policy: RetryPolicy, failures: number, chance: number): number {
  if (policy.backoff === 'fixed') return Math.min(policy.delayMs, policy.maxDelayMs);
  // 2^40 of anything is past every bound; larger powers would only lose precision.
  const grown = policy.delayMs * 2 ** Math.min(failures - 1, 40);
  return Math.floor(Math.min(grown, policy.maxDelayMs) * chance);
}
