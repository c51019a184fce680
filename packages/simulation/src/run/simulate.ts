/**
 * One seed: an installation with faults for a while, then healed, then drained. Safety is checked at every write,
 * liveness at the end.
 */
import { type ApiContext, createJob, editJob, newJob, SchedulerError } from '@simple-scheduler/engine';
import { actAsUser, drawJob, type Promises } from '../actors/users.ts';
import { checkCaughtUp, checkDrained } from '../checks/end-checks.ts';
import { checkLedgers, PruneChecker } from '../checks/prune-checker.ts';
import { RunChecker } from '../checks/run-checker.ts';
import { TickChecker } from '../checks/tick-checker.ts';
import { Violations, type Violation } from '../checks/violations.ts';
import { MemoryDatabase } from '../store/memory-database.ts';
import { openMemoryStore } from '../store/memory-store.ts';
import { drawFaults, type Faults, NO_FAULTS } from '../world/faults.ts';
import { RandomStream } from '../world/random.ts';
import { World } from '../world/world.ts';
import { Cluster } from './cluster.ts';
import { releaseNemesis } from './nemesis.ts';
import { jobStory, runStory } from './story.ts';

export interface Outcome {
  readonly seed: number;
  readonly faults: Faults;
  /** Jobs that were there from the start. */
  readonly firstJobs: readonly string[];
  readonly violations: readonly Violation[];
  readonly traceHash: string;
  readonly steps: number;
  readonly ticks: number;
  readonly runs: number;
  /** Runs whose records retention removed; the others are counted above and below. */
  readonly pruned: number;
  readonly statuses: Readonly<Record<string, number>>;
}

export interface SimulationOptions {
  /** Instead of the faults that the seed draws. */
  readonly faults?: Partial<Faults>;
  /** Of the jobs that are there from the start, those that are not. */
  readonly withoutJobs?: ReadonlySet<string>;
  /** Called with each thing that happens; for the story of a failing seed. */
  readonly tell?: (atMs: number, what: string) => void;
}

const START = Date.UTC(2026, 2, 29, 0, 59, 0);
const DAY_MS = 24 * 3_600_000;
const FAULTY_MS = 90_000;
/** Enough for a silent scheduler to be noticed and its jobs to be taken over, twice. */
const HEALING_MS = 60_000;
const HEALED_AT = START + FAULTY_MS + HEALING_MS;
/** From here on nothing is left over of the faults. */
const CALM_AT = START + FAULTY_MS + 20_000;
/** Jobs are paused; what runs must end: at worst a full queue of deadly runs, one after the other. */
const DRAIN_MS = 300_000;

export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Outcome> {
  const simulation = new Simulation(seed, options);
  await simulation.run();
  return simulation.outcome();
}

class Simulation {
  readonly #seed: number;
  readonly #options: SimulationOptions;
  readonly #world = new World(START);
  readonly #faults: Faults;
  readonly #violations = new Violations(() => this.#world.now - START);
  readonly #runChecker = new RunChecker(this.#violations);
  readonly #pruneChecker = new PruneChecker(this.#violations);
  readonly #tickChecker: TickChecker;
  readonly #db: MemoryDatabase;
  readonly #cluster: Cluster;
  readonly #workload: RandomStream;
  readonly #firstJobs: string[] = [];
  readonly #promises: Promises = { jobs: new Set(), deleted: new Set(), runIds: new Set() };
  readonly #api: ApiContext;
  readonly #otherApi: ApiContext;
  #present: Faults;

  constructor(seed: number, options: SimulationOptions) {
    this.#seed = seed;
    this.#options = options;
    this.#faults = { ...drawFaults(new RandomStream(seed, 'faults')), ...options.faults };
    this.#present = this.#faults;
    this.#workload = new RandomStream(seed, 'workload');
    this.#tickChecker = new TickChecker(this.#violations, () => this.#world.now, this.#faults.clockSkewMaxMs);
    this.#tickChecker.undisturbed = () => this.#faults.editEveryMs === 0 && this.#world.now < HEALED_AT;
    this.#db = this.#observedDatabase();
    this.#cluster = new Cluster({
      world: this.#world,
      seed,
      store: openMemoryStore(this.#db),
      faults: () => this.#present,
      onError: (process, error) => this.#onError(process, error),
      tell: (what) => this.#tell(what),
    });
    this.#cluster.broker.onAction = ({ runId, action }) => {
      if (this.#db.runs.get(runId) === undefined)
        this.#violations.add('2 only recorded runs are published', `${action} ${runId}`);
    };
    this.#cluster.broker.onStatus = (body) => this.#onStatus(body);
    this.#api = this.#cluster.api();
    this.#otherApi = this.#cluster.api();
  }

  async run(): Promise<void> {
    for (let i = 0; i < 3; i += 1) this.#cluster.addScheduler();
    for (let i = 0; i < 2; i += 1) this.#cluster.addCustodian();
    for (let i = 0; i < 3; i += 1) this.#cluster.addWorker();
    this.#makeJobs();
    this.#users();
    releaseNemesis(this.#cluster, this.#faults, new RandomStream(this.#seed, 'nemesis'), START + FAULTY_MS);
    await this.#world.run(START + FAULTY_MS);
    this.#heal();
    await this.#world.run(HEALED_AT);
    checkCaughtUp(this.#db, this.#violations, this.#world.now);
    this.#guard(checkLedgers(this.#api, [...this.#db.jobs.keys()], this.#violations));
    // Also those whose creation was answered with an error although it took effect.
    for (const name of this.#db.jobs.keys()) this.#guard(editJob(this.#api, name, { enabled: false }));
    await this.#world.run(HEALED_AT + DRAIN_MS);
    const { pruned } = this.#pruneChecker;
    checkDrained(this.#db, this.#cluster.broker, { promises: this.#promises, pruned }, this.#violations);
  }

  outcome(): Outcome {
    const statuses: Record<string, number> = {};
    for (const { status } of this.#db.runs.all()) statuses[status] = (statuses[status] ?? 0) + 1;
    return {
      seed: this.#seed,
      faults: this.#faults,
      firstJobs: this.#firstJobs,
      violations: this.#violations.list,
      traceHash: this.#world.traceHash,
      steps: this.#world.steps,
      ticks: this.#tickChecker.ticks,
      runs: Object.values(statuses).reduce((sum, count) => sum + count, 0),
      pruned: this.#pruneChecker.pruned.size,
      statuses,
    };
  }

  #observedDatabase(): MemoryDatabase {
    return new MemoryDatabase(() => this.#world.now, {
      onJob: (before, after) => {
        this.#tell(`job ${after?.name ?? before?.name} ${jobStory(START, before, after)}`);
        if (after) this.#runChecker.onJob(after);
        this.#tickChecker.onJob(before, after);
      },
      onPrune: (run) => {
        this.#tell(`pruned ${run.id.slice(-8)} ${run.jobName} tick ${run.scheduledAt - START}`);
        this.#pruneChecker.onPrune(run, this.#db);
      },
      onAdvance: (advance, job) => this.#tickChecker.onAdvance(advance, job),
      onRun: (before, after) => {
        this.#tell(`run ${after.id.slice(-8)} ${after.jobName} ${runStory(START, before, after)}`);
        this.#runChecker.onRun(before, after);
        if (!before) this.#tickChecker.onRun(after, this.#db.jobs.get(after.jobName));
      },
    });
  }

  #onStatus(body: object): void {
    const { runId, attempt, status, retry } = body as {
      runId: string;
      attempt?: number;
      status: string;
      retry?: boolean;
    };
    if (status === 'running') return;
    // Whoever names no attempt may mean any.
    if (status === 'failed') this.#runChecker.onFailed(runId, attempt, retry === false);
    if (this.#world.now >= CALM_AT && attempt !== undefined) this.#runChecker.onLastWord(runId, attempt);
  }

  #tell(what: string): void {
    this.#world.note(what);
    this.#options.tell?.(this.#world.now - START, what);
  }

  #onError(process: string, error: unknown): void {
    this.#tell(`${process}: ${String(error)}`);
    if (error instanceof SchedulerError && error.retryable) return;
    this.#violations.add('8 nothing crashes', `${process}: ${String(error)}`);
  }

  /** What the API would answer with a 4xx or a 503 is part of life; anything else is a bug. */
  #guard(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!(error instanceof SchedulerError)) this.#violations.add('8 nothing crashes', `api: ${String(error)}`);
    });
  }

  #makeJobs(): void {
    const count = this.#workload.int(4, 12);
    for (let i = 0; i < count; i += 1) {
      const input = drawJob(this.#workload, `first-${i}`, START);
      const isOld = this.#workload.chance(0.5);
      if (this.#options.withoutJobs?.has(input.name)) continue;
      this.#firstJobs.push(input.name);
      if (isOld) {
        // Nothing that looks only at recent changes finds them.
        const job = newJob(input, { uid: this.#api.ids.uid(), now: START });
        this.#db.jobs.set(input.name, { ...job, updatedAt: START - DAY_MS });
      } else this.#guard(createJob(this.#api, input).then(() => this.#promises.jobs.add(input.name)));
    }
  }

  #users(): void {
    const { editEveryMs } = this.#faults;
    if (editEveryMs === 0) return;
    this.#world.after(this.#workload.delay(editEveryMs, editEveryMs * 4), () => {
      if (this.#world.now > START + FAULTY_MS) return;
      this.#guard(actAsUser([this.#api, this.#otherApi], this.#workload, this.#promises));
      this.#users();
    });
  }

  #heal(): void {
    this.#tell('healed');
    this.#present = { ...NO_FAULTS };
    this.#cluster.condition.down = false;
    if (this.#cluster.broker.down) this.#cluster.broker.setDown(false);
    for (const { process } of this.#cluster.schedulers) process.clockOffsetMs = 0;
  }
}
