import { LIMITS } from '@simple-scheduler/contracts';

/** Thrown by a handler whose run would fail the same way again: it ends now, whatever retries its job has left. */
export class NoRetryError extends Error {
  override readonly name: string = 'NoRetryError';
}

/**
 * Thrown by a handler that knows when another attempt makes sense, as from a `Retry-After`: it comes after that time
 * instead of the job's own delay. It takes one of the retries that the job has left, and is the end where there is none.
 */
export class RetryLaterError extends Error {
  override readonly name: string = 'RetryLaterError';
  readonly afterMs: number;

  /** `afterMs`: milliseconds from 0; what is no number leaves the delay to the job. */
  constructor(message: string, options: { readonly afterMs: number; readonly cause?: unknown }) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.afterMs = options.afterMs;
  }
}

/** What a `failed` status says about another attempt. */
export interface RetryWish {
  readonly retry?: false;
  /** Milliseconds. */
  readonly retryAfter?: number;
}

/** The wish of what a handler threw, in the bounds of the contract; empty for any other error. */
export function retryWishOf(thrown: unknown): RetryWish {
  if (thrown instanceof NoRetryError) return { retry: false };
  if (!(thrown instanceof RetryLaterError)) return {};
  const { afterMs } = thrown;
  if (typeof afterMs !== 'number' || Number.isNaN(afterMs)) return {};
  return { retryAfter: Math.min(LIMITS.durationMs, Math.max(0, Math.ceil(afterMs))) };
}
