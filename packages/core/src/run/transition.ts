/**
 * The state machine of a run: what an event makes of it, as a plain function. Every writer of a run's status goes
 * through here, so the table in `docs/STATE-MACHINES.md` is the whole truth.
 *
 * Nothing relies on the order of events. What is late, older than the run's attempt, or not allowed is ignored and
 * says why, for the counters.
 */
import { isLive, type Reason, type WireStatus } from '@simple-scheduler/contracts/vocabulary';
import type { RunRecord } from '../records/index.ts';
import { withDeadline } from './deadlines.ts';
import { without } from './record.ts';
import { retried } from './retry-run.ts';

export type RunEvent =
  | {
      readonly kind: 'status';
      readonly status: WireStatus;
      readonly attempt?: number;
      readonly output?: unknown;
      readonly error?: string;
      readonly progress?: number;
      readonly workerId?: string;
      /** With `failed`: false asks for no further attempt. */
      readonly retry?: boolean;
      /** With `failed`: when to try again, ms from now, instead of the job's delay. */
      readonly retryAfterMs?: number;
    }
  | { readonly kind: 'heartbeat'; readonly attempt?: number; readonly progress?: number; readonly message?: string }
  | { readonly kind: 'cancel'; readonly reason: Reason }
  | { readonly kind: 'job_deleted' };

export type IgnoredBecause =
  | 'ended'
  | 'not_published'
  | 'stale_attempt'
  | 'unknown_attempt'
  | 'not_for_workers'
  | 'no_change'
  | 'not_allowed';

export type Transition =
  | { readonly kind: 'changed'; readonly run: RunRecord }
  /** `cancelAgain`: a worker holds a run that is cancelled already; it must hear so once more. */
  | { readonly kind: 'ignored'; readonly because: IgnoredBecause; readonly cancelAgain?: true };

export function transition(run: RunRecord, event: RunEvent, now: number): Transition {
  switch (event.kind) {
    case 'status':
      return onStatus(run, event, now);
    case 'heartbeat':
      return onHeartbeat(run, event, now);
    case 'cancel':
      return onCancel(run, event.reason, now);
    case 'job_deleted':
      return isLive(run.status)
        ? changed(ended({ ...run, reason: 'job_deleted' }, 'cancelled', now))
        : ignored('ended');
  }
}

function onStatus(run: RunRecord, event: RunEvent & { kind: 'status' }, now: number): Transition {
  const stale = attemptProblem(run, event.attempt);
  if (stale) return stale;
  if (event.status === 'running') return onRunning(run, event, now);
  if (event.status === 'pending' || event.status === 'cancelling') return ignored('not_for_workers');
  if (!isLive(run.status)) return ignored('ended');
  if (isUnheard(run)) return ignored('not_published');
  // A worker may end a run whose `running` was late, but it cannot cancel one that it never took.
  if (run.status === 'pending' && event.status === 'cancelled') return ignored('not_allowed');
  if (event.status === 'failed') {
    const retrying = retried(run, event, now);
    if (retrying !== undefined) return changed(retrying);
  }
  const done = event.status === 'completed' ? without(run, 'reason') : run;
  return changed(
    ended(
      {
        ...done,
        ...(event.output === undefined ? {} : { output: event.output }),
        ...(event.error === undefined ? {} : { error: event.error }),
        ...(event.progress === undefined ? {} : { progress: event.progress }),
        ...(event.workerId === undefined ? {} : { workerId: event.workerId }),
        publishedAt: run.publishedAt ?? Math.max(run.createdAt, Math.min(now, run.startedAt ?? now)),
      },
      lastStatus(run, event.status),
      now,
    ),
  );
}

/** A run that had retries and used them up waits for someone to look at it. */
function lastStatus(
  run: RunRecord,
  status: 'completed' | 'failed' | 'cancelled',
): 'completed' | 'failed' | 'cancelled' | 'dead' {
  return status === 'failed' && (run.maxRetries ?? 0) > 0 && run.status !== 'cancelling' ? 'dead' : status;
}

function onRunning(run: RunRecord, event: RunEvent & { kind: 'status' }, now: number): Transition {
  const facts = {
    ...(event.progress === undefined ? {} : { progress: event.progress }),
    ...(event.workerId === undefined ? {} : { workerId: event.workerId }),
  };
  switch (run.status) {
    case 'pending':
      return isUnheard(run) ? ignored('not_published') : changed(started({ ...run, ...facts }, event.attempt, now));
    case 'running':
      // Said again, it is still a sign of life.
      return changed(withDeadline({ ...run, ...facts, heartbeatAt: Math.max(now, run.heartbeatAt ?? now) }, now));
    case 'cancelling':
      return changed(withDeadline({ ...run, ...facts, owes: 'cancel' }, now));
    case 'cancelled':
      return { kind: 'ignored', because: 'ended', cancelAgain: true };
    default:
      return ignored('ended');
  }
}

function onHeartbeat(run: RunRecord, event: RunEvent & { kind: 'heartbeat' }, now: number): Transition {
  const stale = attemptProblem(run, event.attempt);
  if (stale) return stale;
  if (!isLive(run.status)) return ignored('ended');
  if (isUnheard(run)) return ignored('not_published');
  if (run.status === 'cancelling') return ignored('not_allowed');
  const facts = {
    ...(event.progress === undefined ? {} : { progress: event.progress }),
    ...(event.message === undefined ? {} : { message: event.message }),
  };
  if (run.status === 'pending') return changed(started({ ...run, ...facts }, event.attempt, now));
  // The deadline is left where it is: the watchdog looks at `heartbeatAt` when it comes, which spares an index write.
  return changed({ ...run, ...facts, heartbeatAt: Math.max(now, run.heartbeatAt ?? now) });
}

function onCancel(run: RunRecord, reason: Reason, now: number): Transition {
  if (!isLive(run.status)) return ignored('ended');
  if (run.status === 'cancelling') return ignored('no_change');
  // Nobody has heard of it, so nobody has to be asked.
  if (isUnheard(run)) return changed(ended({ ...run, reason }, 'cancelled', now));
  return changed(withDeadline({ ...run, status: 'cancelling', reason, cancellingAt: now, owes: 'cancel' }, now));
}

/**
 * Takes a pending run into `running`. That its action has reached a worker is evident, so it is owed no more; except from
 * a message that names no attempt and may be late word of an earlier one: then nobody may have the present attempt, and
 * its action is still owed, to be published again where nobody confirms it.
 */
function started(run: RunRecord, saidAttempt: number | undefined, now: number): RunRecord {
  const startedAt = Math.max(now, run.publishedAt ?? run.createdAt);
  const mayBeOld = saidAttempt === undefined && run.attempt > 1;
  return withDeadline(
    {
      ...(mayBeOld ? run : without(run, 'owes')),
      status: 'running',
      publishedAt: run.publishedAt ?? startedAt,
      startedAt,
      heartbeatAt: startedAt,
    },
    now,
  );
}

/** Ends a run: it gives back its slot and nothing is due to it any more. */
export function ended(run: RunRecord, status: 'completed' | 'failed' | 'cancelled' | 'dead', now: number): RunRecord {
  const endedAt = Math.max(now, run.startedAt ?? run.publishedAt ?? run.createdAt);
  return { ...without(run, 'slot', 'waiting', 'owes', 'watchAt', 'nextRetryAt'), status, endedAt };
}

/** No worker has the present attempt: it waits for the active run, or for its retry. What is said of it is late. */
const isUnheard = (run: RunRecord): boolean => run.waiting === true || run.nextRetryAt !== undefined;

function attemptProblem(run: RunRecord, attempt: number | undefined): Transition | undefined {
  if (attempt === undefined || attempt === run.attempt) return undefined;
  return ignored(attempt < run.attempt ? 'stale_attempt' : 'unknown_attempt');
}

const changed = (run: RunRecord): Transition => ({ kind: 'changed', run });
const ignored = (because: IgnoredBecause): Transition => ({ kind: 'ignored', because });
