import type { AttemptRecord, RunRecord } from '../records/index.ts';
import { chanceOf, retryDelayMs } from '../retry/index.ts';
import { withDeadline } from './deadlines.ts';
import { without } from './record.ts';

export interface Failure {
  readonly error?: string;
  readonly workerId?: string;
  readonly retry?: boolean;
  readonly retryAfterMs?: number;
}

/** The run as it waits for its next attempt after this failure; undefined when no retry is left, or none is wanted. */
export function retried(run: RunRecord, failure: Failure, now: number): RunRecord | undefined {
  const failures = 1 + (run.attempts ?? []).filter((attempt) => attempt.outcome === 'failed').length;
  if (run.status === 'cancelling' || failure.retry === false || failures > (run.maxRetries ?? 0)) return undefined;
  const delayMs =
    failure.retryAfterMs ??
    retryDelayMs(
      {
        backoff: run.retryBackoff ?? 'exponential',
        delayMs: run.retryDelayMs ?? 0,
        maxDelayMs: run.retryMaxDelayMs ?? Number.POSITIVE_INFINITY,
      },
      failures,
      chanceOf(`${run.id}:${run.attempt}`),
    );
  return withDeadline({ ...nextAttempt(run, { outcome: 'failed', ...failure }, now), nextRetryAt: now + delayMs });
}

/** Characters of `error` of all earlier attempts together; a run may have a thousand of them, each with an error of 8,192. */
const ERRORS_CHARS_MAX = 256 * 1024;
/** What is left of the errors of old attempts then. */
const OLD_ERROR_CHARS = 160;

/** The run with its present attempt closed and the next one open, pending and not yet published. */
export function nextAttempt(
  run: RunRecord,
  end: { readonly outcome: AttemptRecord['outcome']; readonly error?: string; readonly workerId?: string },
  now: number,
): RunRecord {
  return {
    ...without(run, 'publishedAt', 'startedAt', 'heartbeatAt', 'progress', 'message', 'workerId', 'owes', 'watchAt'),
    status: 'pending',
    attempt: run.attempt + 1,
    attempts: withinBounds([...(run.attempts ?? []), closedAttempt(run, end, now)]),
  };
}

/** A record that grows with each failure would come to be one that no database takes: then the oldest errors become short. */
function withinBounds(attempts: readonly AttemptRecord[]): readonly AttemptRecord[] {
  let left = ERRORS_CHARS_MAX;
  return attempts
    .toReversed()
    .map((attempt) => {
      const { error } = attempt;
      if (error === undefined) return attempt;
      left -= error.length;
      return left >= 0 || error.length <= OLD_ERROR_CHARS ? attempt : { ...attempt, error: beginningOf(error) };
    })
    .toReversed();
}

/** Marked as cut, and not within a character of two units. */
function beginningOf(error: string): string {
  return `${error.slice(0, OLD_ERROR_CHARS - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

export function closedAttempt(
  run: RunRecord,
  end: { readonly outcome: AttemptRecord['outcome']; readonly error?: string; readonly workerId?: string },
  now: number,
): AttemptRecord {
  const workerId = end.workerId ?? run.workerId;
  return {
    attempt: run.attempt,
    ...(run.startedAt === undefined ? {} : { startedAt: run.startedAt }),
    endedAt: Math.max(now, run.startedAt ?? now),
    outcome: end.outcome,
    ...(end.error === undefined ? {} : { error: end.error }),
    ...(workerId === undefined ? {} : { workerId }),
  };
}
