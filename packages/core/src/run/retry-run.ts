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
    attempts: [...(run.attempts ?? []), closedAttempt(run, end, now)],
  };
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
