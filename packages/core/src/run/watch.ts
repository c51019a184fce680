/**
 * What the watchdog does to a run whose `watchAt` has come. Every repair is a change guarded by `rev`, so two
 * watchdogs do it once.
 */
import type { RunRecord } from '../records/index.ts';
import { deadlines, PUBLISH_GRACE_MS, WAITING_CHECK_MS, withDeadline } from './deadlines.ts';
import { without } from './record.ts';
import { closedAttempt, nextAttempt } from './retry-run.ts';
import { ended, transition } from './transition.ts';

export type Supervision =
  /** Write `run`; then publish what it owes. */
  | { readonly kind: 'change'; readonly run: RunRecord; readonly repair: Repair }
  /** See whether the active place of its job is free, after writing `run` (its next check). */
  | { readonly kind: 'promote'; readonly run: RunRecord };

export type Repair = 'none' | 'republished' | 'lost' | 'start_timeout' | 'execution_timeout' | 'cancel_timeout';

export function supervise(run: RunRecord, now: number): Supervision {
  if (run.waiting) return { kind: 'promote', run: { ...run, watchAt: now + WAITING_CHECK_MS } };
  const due = deadlines(run).find((d) => d.at <= now);
  switch (due?.kind) {
    case 'heartbeat':
      return { kind: 'change', run: givenUp(run, now), repair: 'lost' };
    case 'start':
      return cancelled(run, 'start_timeout', now);
    case 'execution':
      return cancelled(run, 'execution_timeout', now);
    case 'retry':
      return {
        kind: 'change',
        run: { ...without(run, 'nextRetryAt'), owes: 'run', watchAt: now + PUBLISH_GRACE_MS },
        repair: 'none',
      };
    case 'cancel':
      return { kind: 'change', run: ended(run, 'cancelled', now), repair: 'cancel_timeout' };
    case undefined:
      // Only the claim: whoever writes this publishes.
      return { kind: 'change', run: withDeadline(run, now), repair: run.owes === undefined ? 'none' : 'republished' };
  }
}

function cancelled(run: RunRecord, reason: 'start_timeout' | 'execution_timeout', now: number): Supervision {
  const result = transition(run, { kind: 'cancel', reason }, now);
  return { kind: 'change', run: result.kind === 'changed' ? result.run : withDeadline(run, now), repair: reason };
}

/** The worker fell silent: the next attempt begins, and what the old one still says is ignored. */
function givenUp(run: RunRecord, now: number): RunRecord {
  const end = { outcome: 'lost' as const, error: `no heartbeat for ${run.heartbeatTimeoutMs} ms` };
  const lost = (run.attempts ?? []).filter((attempt) => attempt.outcome === 'lost').length;
  // A run that kills every worker which takes it must not go on for ever.
  if (run.maxRestarts !== undefined && run.maxRestarts > 0 && lost >= run.maxRestarts) {
    const attempts = [...(run.attempts ?? []), closedAttempt(run, end, now)];
    return ended({ ...run, attempts, error: end.error, reason: 'lost' }, 'failed', now);
  }
  return { ...nextAttempt(run, end, now), owes: 'run', watchAt: now + PUBLISH_GRACE_MS };
}
