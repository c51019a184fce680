import { LIMITS, statusMessageSchema } from '@simple-scheduler/contracts';
import { expect, test } from 'vitest';
import { errorText } from './outcome.ts';
import { NoRetryError, RetryLaterError, retryWishOf } from './retry-wishes.ts';

test.each([
  [5_000, 5_000],
  [0, 0],
  [1.2, 2],
  [-5, 0],
  [Number.POSITIVE_INFINITY, LIMITS.durationMs],
])('a retry after %d ms is asked for after %d ms, which the contract takes', (afterMs, retryAfter) => {
  const wish = retryWishOf(new RetryLaterError('busy', { afterMs }));
  expect(wish).toEqual({ retryAfter });
  const status = { jobName: 'j', runId: '0'.repeat(24), status: 'failed', ...wish };
  expect(statusMessageSchema.safeParse(status).success).toBe(true);
});

test.each([Number('soon'), Symbol('soon'), undefined])('%o is no number and leaves the delay to the job', (afterMs) => {
  expect(retryWishOf(new RetryLaterError('busy', { afterMs: afterMs as number }))).toEqual({});
});

test('only what a handler throws itself says anything, also as an error of its own kind', () => {
  class NoSuchCustomer extends NoRetryError {}
  expect(retryWishOf(new NoSuchCustomer('gone'))).toEqual({ retry: false });
  expect(retryWishOf(new Error('wrapped', { cause: new NoRetryError('gone') }))).toEqual({});
  expect(retryWishOf('NoRetryError')).toEqual({});
});

test('both are told as other errors are', () => {
  expect(errorText(new NoRetryError('gone', { cause: 'deleted' }))).toMatch(
    /^NoRetryError: gone\n\s+at .*\ncaused by: deleted$/s,
  );
  expect(errorText(new RetryLaterError('busy', { afterMs: 1, cause: new Error('429') }))).toMatch(
    /^RetryLaterError: busy\n.*\ncaused by: Error: 429/s,
  );
});
