/**
 * Invariant 1, from the job's side: whenever `nextRunAt` moves on, every tick that it passes has its record already,
 * and exactly one. The ticks are taken from the schedule itself, walked one by one, and not from the planner.
 */
import type { JobRecord, RunRecord } from '@simple-scheduler/core';
import { type JobAdvance, jobTicks, startOfTick } from '@simple-scheduler/engine';
import type { Violations } from './violations.ts';

export class TickChecker {
  readonly #violations: Violations;
  readonly #now: () => number;
  /** Largest difference between a process's clock and true time. */
  readonly #skewMs: number;
  /** Covered ticks by `uid:epoch`. */
  readonly #covered = new Map<string, Set<number>>();
  readonly #tokens = new Map<string, number>();
  ticks = 0;
  /** Whether no user edits jobs at present. */
  undisturbed: () => boolean = () => false;

  constructor(violations: Violations, now: () => number, skewMs: number) {
    this.#violations = violations;
    this.#now = now;
    this.#skewMs = skewMs;
  }

  onRun(run: RunRecord, job: JobRecord | undefined): void {
    if (run.tickKey === undefined || run.trigger === 'manual') return;
    const group = run.tickKey.slice(0, run.tickKey.lastIndexOf(':'));
    const covered = this.#covered.get(group) ?? new Set<number>();
    this.#covered.set(group, covered);
    if (run.scheduledAt > this.#now() + this.#skewMs)
      this.#violations.add('1 never early', `${run.jobName} ${run.scheduledAt - this.#now()} ms`);
    if (job !== undefined && run.status !== 'skipped' && this.undisturbed()) {
      // An edit starts what is due without the rest of its jitter; without one the amount is the tick's own.
      const early = startOfTick(job, run.scheduledAt) - this.#now() - this.#skewMs;
      if (early > 0) this.#violations.add('1 jitter belongs to the tick', `${run.jobName} ${early} ms early`);
    }
    for (const tick of ticksOf(run, job)) {
      this.ticks += 1;
      if (covered.has(tick)) this.#violations.add('1 exactly one record per tick', `${run.jobName} ${tick}`);
      covered.add(tick);
    }
  }

  onJob(before: JobRecord | undefined, after: JobRecord | undefined): void {
    this.#lease(before, after);
    if (before?.nextRunAt === undefined || !before.enabled || after === undefined) return;
    if (after.nextRunAt === before.nextRunAt && after.epoch === before.epoch) return;
    const byUser = after.revision !== before.revision;
    // A user's edit answers for the ticks that were due when it was made, but for those that it leaves to their jitter; the
    // advance for all that it passes.
    const passed = after.nextRunAt ?? Infinity;
    const isOnward = after.enabled && after.epoch === before.epoch;
    const until = byUser ? Math.min(after.updatedAt + 1, isOnward ? passed : Infinity) : passed;
    const covered = this.#covered.get(`${before.uid}:${before.epoch}`);
    const source = jobTicks(before);
    for (let tick: number | null = before.nextRunAt; tick !== null && tick < until; tick = source.next(tick)) {
      if (covered?.has(tick)) continue;
      this.#violations.add(
        '1 no tick without a record',
        `${before.name} tick ${tick}, nextRunAt ${before.nextRunAt} → ${after.nextRunAt}${byUser ? ' (edit)' : ''}`,
      );
      return;
    }
  }

  /** Invariant 3: a write takes effect only under the token of the present holder. */
  onAdvance(advance: JobAdvance, job: JobRecord): void {
    if (job.managerId === advance.managerId && job.leaseToken === advance.leaseToken) return;
    this.#violations.add(
      '3 no write with an old token takes effect',
      `${job.name} ${advance.leaseToken} < ${job.leaseToken}`,
    );
  }

  /** Invariant 3: each taking of a job has a token of its own, greater than all before. */
  #lease(before: JobRecord | undefined, after: JobRecord | undefined): void {
    if (after?.managerId === undefined || after.managerId === before?.managerId) return;
    const last = this.#tokens.get(after.uid) ?? 0;
    if (after.leaseToken <= last)
      this.#violations.add('3 a lease token is used once', `${after.name} ${after.leaseToken}`);
    if (before?.managerId !== undefined) this.#violations.add('3 only free jobs are taken', after.name);
    this.#tokens.set(after.uid, after.leaseToken);
  }
}

function ticksOf(run: RunRecord, job: JobRecord | undefined): number[] {
  if (run.spanTo === undefined) return [run.scheduledAt];
  if (job === undefined) return [run.scheduledAt];
  const source = jobTicks(job);
  const ticks: number[] = [];
  for (let tick: number | null = run.scheduledAt; tick !== null && tick <= run.spanTo; tick = source.next(tick))
    ticks.push(tick);
  return ticks;
}
