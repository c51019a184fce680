import { isLive } from '@simple-scheduler/contracts/vocabulary';
import { isTickOf, type RunRecord } from '@simple-scheduler/core';
import { type ApiContext, tickLedger } from '@simple-scheduler/engine';
import type { MemoryDatabase } from '../store/memory-database.ts';
import type { Violations } from './violations.ts';

/** Retention takes nothing that anyone still needs; whether a tick runs again for it, the tick checker sees. */
export class PruneChecker {
  readonly #violations: Violations;
  /** Ids of what it took. */
  readonly pruned: Set<string> = new Set();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  onPrune(run: RunRecord, db: MemoryDatabase): void {
    this.pruned.add(run.id);
    if (isLive(run.status)) this.#violations.add('9 no live run is pruned', `${run.id} ${run.status}`);
    const job = db.jobs.get(run.jobName);
    if (job?.uid !== run.jobUid) return;
    const unsettled = isTickOf(run.tickKey, job) && run.scheduledAt >= (job.nextRunAt ?? Infinity);
    if (unsettled) this.#violations.add('9 no unsettled tick is pruned', `${run.jobName} ${run.scheduledAt}`);
    const staysAfter = (other: RunRecord): boolean =>
      (other.scheduledAt > run.scheduledAt || (other.scheduledAt === run.scheduledAt && other.id > run.id)) &&
      (run.status === 'skipped' || other.status !== 'skipped');
    if (!db.runs.ofJob(run.jobUid).some(staysAfter))
      this.#violations.add('9 the last run of a job stays', `${run.jobName} ${run.id}`);
  }
}

/** Everything up to now. */
const ALL = { from: 0, limit: 1_000_000 };

/** What users are told of a job's ticks: none of them is missing. */
export async function checkLedgers(api: ApiContext, names: readonly string[], violations: Violations): Promise<void> {
  for (const name of names) {
    const { entries } = await tickLedger(api, name, { ...ALL, to: api.clock.now() });
    const missing = entries.filter(({ outcome }) => outcome === 'missing');
    if (missing.length > 0)
      violations.add(
        '1 no tick is missing in the ledger',
        `${name} ${missing.map((tick) => tick.scheduledAt).join(' ')}`,
      );
  }
}
