/**
 * One seed: an installation with faults for a while, then healed, then drained. Safety is checked at every write,
 * liveness at the end.
 */
import { isLive } from '@simple-scheduler/contracts/vocabulary';
import { type JobRecord, type RunRecord, tickSource } from '@simple-scheduler/core';
import { createJob, editJob, newJob, SchedulerError, jobTicks } from '@simple-scheduler/engine';
import { actAsUser, drawJob, type Promises } from '../actors/users.ts';
import { RunChecker } from '../checks/run-checker.ts';
import { TickChecker } from '../checks/tick-checker.ts';
import { Violations, type Violation } from '../checks/violations.ts';
import { MemoryDatabase, openMemoryStore } from '../store/memory-store.ts';
import { drawFaults, type Faults, NO_FAULTS } from '../world/faults.ts';
import { RandomStream } from '../world/random.ts';
import { World } from '../world/world.ts';
import { Cluster } from './cluster.ts';
import { releaseNemesis } from './nemesis.ts';

export interface Outcome {
  readonly seed: number;
  readonly faults: Faults;
  readonly violations: readonly Violation[];
  readonly traceHash: string;
  readonly steps: number;
  readonly ticks: number;
  readonly runs: number;
  readonly statuses: Readonly<Record<string, number>>;
}

export interface SimulationOptions {
  /** Called with each thing that happens; for the story of a failing seed. */
  readonly tell?: (atMs: number, what: string) => void;
}

const START = Date.UTC(2026, 2, 29, 0, 59, 0);
const DAY_MS = 24 * 3_600_000;
const FAULTY_MS = 90_000;
/** Enough for a silent scheduler to be noticed and its jobs to be taken over, twice. */
const HEALING_MS = 60_000;
/** Jobs are paused; what runs must end. */
const DRAIN_MS = 180_000;

export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Outcome> {
  const world = new World(START);
  const faults = drawFaults(new RandomStream(seed, 'faults'));
  const violations = new Violations(() => world.now - START);
  let present: Faults = faults;
  const tell = (what: string): void => {
    world.note(what);
    options.tell?.(world.now - START, what);
  };

  const runChecker = new RunChecker(violations);
  const tickChecker = new TickChecker(violations, () => world.now, faults.clockSkewMaxMs);
  tickChecker.undisturbed = () => faults.editEveryMs === 0 && world.now < START + FAULTY_MS + HEALING_MS;
  const db: MemoryDatabase = new MemoryDatabase(() => world.now, {
    onJob: (before, after) => {
      tell(`job ${after?.name ?? before?.name} ${jobStory(before, after)}`);
      if (after) runChecker.onJob(after);
      tickChecker.onJob(before, after);
    },
    onAdvance: (advance, job) => tickChecker.onAdvance(advance, job),
    onRun: (before, after) => {
      tell(`run ${after.id.slice(-8)} ${after.jobName} ${runStory(before, after)}`);
      runChecker.onRun(before, after);
      if (!before) tickChecker.onRun(after, db.jobs.get(after.jobName));
    },
  });
  const cluster = new Cluster({
    world,
    seed,
    store: openMemoryStore(db),
    faults: () => present,
    onError: (process, error) => {
      tell(`${process}: ${String(error)}`);
      if (!(error instanceof SchedulerError && error.retryable))
        violations.add('8 nothing crashes', `${process}: ${String(error)}`);
    },
  });
  cluster.broker.onAction = ({ runId, action }) => {
    if (db.runs.get(runId) === undefined) violations.add('2 only recorded runs are published', `${action} ${runId}`);
  };
  const workload = new RandomStream(seed, 'workload');
  const promises: Promises = { jobs: new Set(), deleted: new Set(), runIds: new Set() };
  const api = cluster.api();
  const guarded = (work: Promise<unknown>): void => {
    work.catch((error: unknown) => {
      if (!(error instanceof SchedulerError)) violations.add('8 nothing crashes', `api: ${String(error)}`);
    });
  };

  for (let i = 0; i < 3; i += 1) cluster.addScheduler();
  for (let i = 0; i < 2; i += 1) cluster.addCustodian();
  for (let i = 0; i < 3; i += 1) cluster.addWorker();
  const jobs = workload.int(4, 12);
  for (let i = 0; i < jobs; i += 1) {
    const input = drawJob(workload, `first-${i}`, START);
    // Some are old: nothing that looks only at recent changes finds them.
    if (workload.chance(0.5))
      db.jobs.set(input.name, { ...newJob(input, { uid: api.ids.uid(), now: START }), updatedAt: START - DAY_MS });
    else guarded(createJob(api, input).then(() => promises.jobs.add(input.name)));
  }
  userLoop();
  releaseNemesis(cluster, faults, new RandomStream(seed, 'nemesis'), START + FAULTY_MS);

  function userLoop(): void {
    if (faults.editEveryMs === 0) return;
    world.after(workload.delay(faults.editEveryMs, faults.editEveryMs * 4), () => {
      if (world.now > START + FAULTY_MS) return;
      guarded(actAsUser(api, workload, promises));
      userLoop();
    });
  }

  const nothing = (): void => {};
  await world.run(START + FAULTY_MS, nothing);
  heal();
  await world.run(START + FAULTY_MS + HEALING_MS, nothing);
  checkCaughtUp();
  // Also those whose creation was answered with an error although it took effect.
  for (const name of db.jobs.keys()) guarded(pauseForGood(name));
  await world.run(START + FAULTY_MS + HEALING_MS + DRAIN_MS, nothing);
  checkDrained();

  function heal(): void {
    tell('healed');
    present = { ...NO_FAULTS };
    cluster.condition.down = false;
    if (cluster.broker.down) cluster.broker.setDown(false);
    for (const { process } of cluster.schedulers) process.clockOffsetMs = 0;
  }

  async function pauseForGood(name: string): Promise<void> {
    await editJob(api, name, { enabled: false });
  }

  /** Every enabled job is at its next tick, and held by somebody. */
  function checkCaughtUp(): void {
    for (const job of db.jobs.values()) {
      if (!job.enabled || job.nextRunAt === undefined) continue;
      if (job.nextRunAt < world.now - 2_000 - (job.jitterMs ?? 0))
        violations.add('1 no tick is forgotten', `${job.name} stands at ${world.now - job.nextRunAt} ms ago`);
      const source = jobTicks(job);
      const after = source.next(world.now);
      if (after !== null && job.nextRunAt > after + 1)
        violations.add('1 no tick is passed over', `${job.name} ${job.nextRunAt}`);
      if (job.managerId === undefined) violations.add('3 every job is held', job.name);
    }
  }

  function checkDrained(): void {
    for (const run of db.runs.all()) {
      if (isLive(run.status))
        violations.add(
          '6 nothing stays',
          `${run.id} ${run.jobName} ${run.status}${run.waiting ? ' waiting' : ''} ${JSON.stringify(run)}`,
        );
      // Only the first attempt: a worker that knows no attempts may start the next one by being late.
      if (run.startedAt !== undefined && !cluster.broker.published.has(`${run.id}:1`))
        violations.add('2 every admitted run is published', run.id);
    }
    for (const id of promises.runIds)
      if (db.runs.get(id) === undefined) violations.add('7 what was answered survives', `run ${id}`);
    for (const name of promises.jobs)
      if (!db.jobs.has(name)) violations.add('7 what was answered survives', `job ${name}`);
    if (db.deletions.size > 0) violations.add('6 nothing stays', `${db.deletions.size} deletions`);
    if (cluster.broker.statuses.dead.length > 0)
      violations.add('8 no valid message is dead', String(cluster.broker.statuses.dead[0]?.reason));
  }

  const statuses: Record<string, number> = {};
  let runs = 0;
  for (const run of db.runs.all()) {
    runs += 1;
    statuses[run.status] = (statuses[run.status] ?? 0) + 1;
  }
  return {
    seed,
    faults,
    violations: violations.list,
    traceHash: world.traceHash,
    steps: world.steps,
    ticks: tickChecker.ticks,
    runs,
    statuses,
  };
}

function jobStory(before: JobRecord | undefined, after: JobRecord | undefined): string {
  if (!before) return `created next ${(after?.nextRunAt ?? 0) - START}`;
  if (!after) return 'deleted';
  const parts: string[] = [];
  if (before.managerId !== after.managerId)
    parts.push(
      `${before.managerId?.slice(0, 4) ?? 'free'} → ${after.managerId?.slice(0, 4) ?? 'free'} token ${after.leaseToken}`,
    );
  if (before.nextRunAt !== after.nextRunAt)
    parts.push(`next ${(before.nextRunAt ?? Number.NaN) - START} → ${(after.nextRunAt ?? Number.NaN) - START}`);
  if (before.revision !== after.revision) parts.push(`revision ${after.revision}${after.enabled ? '' : ' paused'}`);
  return parts.join(', ');
}

function runStory(before: RunRecord | undefined, after: RunRecord): string {
  const state = `${after.status}${after.waiting ? ' waiting' : ''}${after.owes ? ` owes ${after.owes}` : ''} attempt ${after.attempt} slot ${after.slot?.slice(25) ?? '-'}`;
  if (!before)
    return `${after.trigger} tick ${after.scheduledAt - START}${after.spanCount ? ` ×${after.spanCount}` : ''}: ${state}`;
  return `rev ${after.rev}: ${state}`;
}
