/**
 * When something is due to a live run. `watchAt` is the earliest such moment, the only thing that the watchdog's query
 * looks at. It may be early (heartbeats do not move it), never late.
 */
import type { RunRecord } from '../records/index.ts';
import { without } from './record.ts';

/**
 * For this long an action is left to whoever is publishing it; then whoever claims it first publishes it again. A process
 * that is alive may need seconds for it on a machine that cannot keep up, and to do everything twice there would make it worse.
 * Who fails to publish says so (`withdrawn`), so that only the actions of a process that died wait for the end of it.
 */
export const PUBLISH_GRACE_MS = 15_000;
/** An action that could not be published is tried again after this long. */
export const PUBLISH_AGAIN_MS = 1_000;
/** A waiting run looks this often whether the active one is really still there: the repair of a lost hand-over. */
export const WAITING_CHECK_MS = 5_000;

export interface Deadline {
  readonly at: number;
  readonly kind: 'heartbeat' | 'start' | 'execution' | 'cancel' | 'retry';
}

/** The moments at which a policy ends the run's present status, earliest first. */
export function deadlines(run: RunRecord): Deadline[] {
  const found: Deadline[] = [];
  const add = (kind: Deadline['kind'], since: number | undefined, timeoutMs: number): void => {
    if (since !== undefined && timeoutMs > 0) found.push({ kind, at: since + timeoutMs });
  };
  if (run.nextRetryAt !== undefined) found.push({ kind: 'retry', at: run.nextRetryAt });
  if (run.status === 'pending' && !run.waiting && run.owes === undefined)
    add('start', run.publishedAt, run.startTimeoutMs);
  if (run.status === 'running') {
    add('heartbeat', run.heartbeatAt, run.heartbeatTimeoutMs);
    add('execution', run.startedAt, run.executionTimeoutMs);
  }
  if (run.status === 'cancelling') add('cancel', run.cancellingAt, run.cancelTimeoutMs);
  return found.sort((a, b) => a.at - b.at);
}

/** The run with its `watchAt` set to what is due next. `publishingSince`: an action is being published from then on. */
export function withDeadline(run: RunRecord, publishingSince?: number): RunRecord {
  const moments = deadlines(run).map((d) => d.at);
  if (run.owes !== undefined && publishingSince !== undefined) moments.push(publishingSince + PUBLISH_GRACE_MS);
  return moments.length === 0 ? without(run, 'watchAt') : { ...run, watchAt: Math.min(...moments) };
}

/** The run once its publisher has failed: nobody is publishing its action, and the watchdog need not wait for the grace to end. */
export function withdrawn(run: RunRecord, now: number): RunRecord {
  return { ...run, watchAt: Math.min(run.watchAt ?? Number.POSITIVE_INFINITY, now + PUBLISH_AGAIN_MS) };
}

/** `watchAt` of a pending run once its action is published, undefined for none. */
export function startDeadline(run: RunRecord, publishedAt: number): number | undefined {
  return run.startTimeoutMs > 0 ? publishedAt + run.startTimeoutMs : undefined;
}
