/** Liveness: what must be so once the faults have healed, and once everything has drained. */
import { isLive } from '@simple-scheduler/contracts/vocabulary';
import { jobTicks } from '@simple-scheduler/engine';
import type { Promises } from '../actors/users.ts';
import type { SimBroker } from '../bus/sim-broker.ts';
import type { MemoryDatabase } from '../store/memory-database.ts';
import type { Violations } from './violations.ts';

/** A tick that has just come may still be on its way into a record. */
const HANDLING_MS = 2_000;

/** Every enabled job is at its next tick, and held by somebody; no run waits for nothing. */
export function checkCaughtUp(db: MemoryDatabase, violations: Violations, now: number): void {
  for (const job of db.jobs.values()) {
    if (!job.enabled || job.nextRunAt === undefined) continue;
    if (job.nextRunAt < now - HANDLING_MS - (job.jitterMs ?? 0)) {
      violations.add('1 no tick is forgotten', `${job.name} stands at ${now - job.nextRunAt} ms ago`);
    }
    const following = jobTicks(job).next(now);
    if (following !== null && job.nextRunAt > following)
      violations.add('1 no tick is passed over', `${job.name} ${job.nextRunAt}`);
    if (job.managerId === undefined) violations.add('3 every job is held', job.name);
  }
  for (const run of db.runs.all()) {
    const job = run.waiting ? db.jobs.get(run.jobName) : undefined;
    if (job?.uid === run.jobUid && job.allowConcurrentRuns && isLive(run.status))
      violations.add('5 nothing waits where runs may overlap', `${job.name} ${run.id}`);
  }
}

/** Nothing lives on, nothing that was promised is gone. */
export function checkDrained(
  db: MemoryDatabase,
  broker: SimBroker,
  { promises, pruned }: { promises: Promises; pruned: ReadonlySet<string> },
  violations: Violations,
): void {
  for (const run of db.runs.all()) {
    if (isLive(run.status)) violations.add('6 nothing stays', JSON.stringify(run));
    // Only the first attempt: a worker that knows no attempts may start the next one by being late.
    if (run.startedAt !== undefined && !broker.published.has(`${run.id}:1`)) {
      violations.add('2 every admitted run is published', run.id);
    }
  }
  for (const id of promises.runIds) {
    if (db.runs.get(id) === undefined && !pruned.has(id)) violations.add('7 what was answered survives', `run ${id}`);
  }
  for (const name of promises.jobs) {
    if (!db.jobs.has(name)) violations.add('7 what was answered survives', `job ${name}`);
  }
  if (db.deletions.size > 0) violations.add('6 nothing stays', `${db.deletions.size} deletions`);
  const [dead] = broker.statuses.dead;
  if (dead !== undefined) violations.add('8 no valid message is dead', dead.reason);
}
