import { isLive } from '@simple-scheduler/contracts/vocabulary';
import type { JobRecord, RunRecord } from '@simple-scheduler/core';
import type { Violations } from './violations.ts';

/** Safety of run records, checked at every write: invariants 4 and 5. */
export class RunChecker {
  readonly #violations: Violations;
  /** Jobs that never allowed concurrent runs, with the largest queue they ever had. */
  readonly #exclusive = new Map<string, number>();
  readonly #mixed = new Set<string>();
  readonly #active = new Map<string, Set<string>>();
  readonly #waiting = new Map<string, Set<string>>();

  /** Runs that wait, or did, in the order in which their records were made. */
  readonly #queued = new Map<string, number>();
  /** Keys of requests that have their run; a job that was made anew under its name is another one. */
  readonly #keys = new Set<string>();
  /** For each attempt that workers said to have failed, whether they all asked for no further one. */
  readonly #hopeless = new Map<string, boolean>();
  /** Attempts that workers ended in calm times, which nobody has a reason not to have heard. */
  readonly #heard = new Set<string>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  onJob(job: JobRecord): void {
    if (job.allowConcurrentRuns) this.#mixed.add(job.uid);
    else this.#exclusive.set(job.uid, Math.max(job.maxQueueCount, this.#exclusive.get(job.uid) ?? 0));
  }

  onRun(before: RunRecord | undefined, after: RunRecord): void {
    this.#order(after);
    this.#attempt(after);
    this.#bounds(after);
    if (before) {
      this.#progress(before, after);
      this.#lastWord(before, after);
    } else this.#key(after);
    this.#places(before, after);
  }

  /** The broker has a worker's last word on an attempt, and no fault stands between it and the schedulers. */
  onLastWord(runId: string, attempt: number): void {
    this.#heard.add(`${runId}:${attempt}`);
  }

  /** The broker has a worker's word that an attempt failed, and whether there is any use in another one. */
  onFailed(runId: string, attempt: number | undefined, isHopeless: boolean): void {
    const key = attempt === undefined ? runId : `${runId}:${attempt}`;
    this.#hopeless.set(key, isHopeless && this.#hopeless.get(key) !== false);
  }

  #isHopeless(runId: string, attempt: number): boolean {
    const words = [this.#hopeless.get(`${runId}:${attempt}`), this.#hopeless.get(runId)];
    return words.includes(true) && !words.includes(false);
  }

  /** A run is given up, or timed out, only where its worker did not end it. */
  #lastWord(before: RunRecord, after: RunRecord): void {
    const givenUp = after.attempt > before.attempt && after.attempts?.at(-1)?.outcome === 'lost';
    const timedOut =
      after.status === 'cancelling' && after.reason === 'execution_timeout' && before.status === 'running';
    if ((givenUp || timedOut) && this.#heard.has(`${before.id}:${before.attempt}`)) {
      this.#violations.add('2 no status is lost', `${before.id} attempt ${before.attempt}`);
    }
  }

  /** Users who ask under a key put it into the payload. */
  #key({ jobUid, trigger, payload, id }: RunRecord): void {
    if (trigger !== 'manual' || payload === null || typeof payload !== 'object' || !('key' in payload)) return;
    const key = `${String(payload.key)} of ${jobUid}`;
    if (this.#keys.has(key)) this.#violations.add('7 one run for each key', `${id} ${key}`);
    this.#keys.add(key);
  }

  #order(run: RunRecord): void {
    const times = [run.createdAt, run.publishedAt, run.startedAt, run.endedAt].filter((at) => at !== undefined);
    if (times.some((at, i) => i > 0 && at < (times[i - 1] as number))) {
      this.#violations.add('4 times in order', `${run.id} ${JSON.stringify(times)}`);
    }
    if (!isLive(run.status) && (run.slot ?? run.owes ?? run.watchAt) !== undefined) {
      this.#violations.add('4 an ended run owes nothing', run.id);
    }
  }

  #progress(before: RunRecord, after: RunRecord): void {
    if (!isLive(before.status))
      this.#violations.add('4 an ended run never changes', `${before.id} ${before.status} → ${after.status}`);
    if (after.attempt < before.attempt) this.#violations.add('4 attempt never goes down', before.id);
    if (after.attempt === before.attempt && before.status !== 'pending') {
      for (const time of ['publishedAt', 'startedAt'] as const)
        if (before[time] !== undefined && after[time] !== before[time])
          this.#violations.add('4 times stay', `${before.id} ${time} ${before[time]} → ${after[time]}`);
    }
    const rank = { pending: 0, running: 1, cancelling: 2, cancelled: 3, failed: 3, completed: 3, dead: 3, skipped: 3 };
    if (after.attempt === before.attempt && rank[after.status] < rank[before.status]) {
      this.#violations.add('4 a run only moves on', `${before.id} ${before.status} → ${after.status}`);
    }
  }

  /** Retries and restarts are bounded, and `dead` is the end of retries alone. */
  #bounds(run: RunRecord): void {
    const ends = (outcome: 'failed' | 'lost'): number =>
      (run.attempts ?? []).filter((attempt) => attempt.outcome === outcome).length;
    const last = run.attempts?.at(-1);
    if (last?.outcome === 'failed' && this.#isHopeless(run.id, last.attempt))
      this.#violations.add('5 no retry where none is wanted', `${run.id} after attempt ${last.attempt}`);
    if (ends('failed') > (run.maxRetries ?? 0)) this.#violations.add('5 retries are bounded', run.id);
    if (run.maxRestarts && ends('lost') > run.maxRestarts + (run.reason === 'lost' ? 1 : 0)) {
      this.#violations.add('5 restarts are bounded', run.id);
    }
    if (run.status === 'dead' && !run.maxRetries) this.#violations.add('5 dead after retries only', run.id);
  }

  /** Workers that know attempts name theirs in what they put out: one that was given up must not have the last word. */
  #attempt(run: RunRecord): void {
    const { output } = run;
    if (output === null || typeof output !== 'object' || !('attempt' in output)) return;
    if (output.attempt !== run.attempt)
      this.#violations.add('4 an older attempt changes nothing', `${run.id} attempt ${run.attempt}`);
  }

  #places(before: RunRecord | undefined, after: RunRecord): void {
    const uid = after.jobUid;
    const active = setOf(this.#active, uid);
    const waiting = setOf(this.#waiting, uid);
    if (!before && after.waiting) this.#queued.set(after.id, this.#queued.size);
    if (before?.waiting && !after.waiting && after.status === 'pending') {
      // An id is as old as its maker's look at the clock. One whose record came later than this run's may have come after
      // the choice, too, and was not there to be chosen.
      const place = (id: string): number => this.#queued.get(id) ?? Number.POSITIVE_INFINITY;
      const older = [...waiting].filter((id) => id < after.id && place(id) < place(after.id));
      if (older.length > 0) this.#violations.add('5 waiting runs start oldest first', `${after.id} before ${older[0]}`);
    }
    toggle(active, after.id, isLive(after.status) && !after.waiting);
    toggle(waiting, after.id, isLive(after.status) && after.waiting === true);
    if (this.#mixed.has(uid) || !this.#exclusive.has(uid)) return;
    if (active.size > 1) this.#violations.add('5 one active run', `${after.jobName}: ${[...active].join(', ')}`);
    if (waiting.size > (this.#exclusive.get(uid) ?? 0))
      this.#violations.add('5 never more than maxQueueCount wait', after.jobName);
  }
}

const setOf = (map: Map<string, Set<string>>, key: string): Set<string> => {
  const found = map.get(key) ?? new Set<string>();
  map.set(key, found);
  return found;
};

const toggle = (set: Set<string>, id: string, inside: boolean): void => void (inside ? set.add(id) : set.delete(id));
