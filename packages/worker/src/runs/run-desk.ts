import type { ActionMessage, Topology } from '@simple-scheduler/contracts';
import { attemptOf } from '../action.ts';
import type { JobHandler } from '../handler.ts';
import type { WorkerLog } from '../log.ts';
import { type Outcome, type Report, statusReport } from '../messages.ts';
import { Recent } from '../recent.ts';
import type { ActionDelivery } from '../transport.ts';
import { settlesWithin } from '../waiting.ts';
import type { Outbox } from './outbox.ts';
import { RunTask, type TaskTools } from './run-task.ts';

/** Longer than the scheduler takes to settle a cancel or to repeat an action; in number, well above what a worker runs meanwhile. */
const REMEMBERED = { max: 10_000, ttlMs: 3_600_000 };
/** Of what was said last of runs that ended. Each may have an output of 64 KiB, and it is seldom asked for again. */
const REPORTS_BYTES = 16 * 1024 * 1024;
/** How long a newer attempt waits for the handler of the older one to heed its abort. */
const SUPERSEDE_PATIENCE_MS = 5_000;

/** A `run` action that has arrived and has not been started. */
export interface Arrival {
  readonly topology: Topology;
  readonly action: ActionMessage;
  readonly delivery: ActionDelivery;
}

export interface DeskOptions {
  readonly tools: TaskTools;
  readonly outbox: Outbox;
  readonly concurrency: number;
  readonly handlerFor: (topology: Topology, jobName: string) => JobHandler | undefined;
  readonly onEnded: (action: ActionMessage, outcome: Outcome, durationMs: number) => void;
  /** There may be room for another run. */
  readonly onRoom: () => void;
  readonly log: WorkerLog;
}

/** All runs of this worker: which go on, which ended lately, which are to be cancelled; and what a repeated action means. */
export class RunDesk {
  readonly #options: DeskOptions;
  readonly #tasks = new Map<RunTask, Promise<void>>();
  /** The newest attempt of each run; an older one may still be on its way out. */
  readonly #newest = new Map<string, RunTask>();
  readonly #ended = new Recent<number>(REMEMBERED);
  readonly #reports = new Recent<Report>({
    ...REMEMBERED,
    maxWeight: REPORTS_BYTES,
    weigh: ({ body }) => body.byteLength,
  });
  readonly #cancelled = new Recent<true>(REMEMBERED);

  constructor(options: DeskOptions) {
    this.#options = options;
    options.outbox.onSettled(options.onRoom);
  }

  get size(): number {
    return this.#tasks.size;
  }

  /** Each run that goes on will want its place in the outbox. */
  hasRoom(): boolean {
    const { concurrency, outbox } = this.#options;
    return this.#tasks.size < concurrency && this.#tasks.size + outbox.size < outbox.limit;
  }

  cancel(runId: string): void {
    this.#cancelled.set(runId, true);
    this.#newest.get(runId)?.abort('cancelled');
  }

  /**
   * Answers an action that starts nothing: of a run that is cancelled, or of an attempt that goes on or has ended here.
   * False where it is to be started.
   */
  settleKnown(arrival: Arrival): boolean {
    const { action, delivery } = arrival;
    const { runId } = action;
    const attempt = attemptOf(action);
    const task = this.#newest.get(runId);
    const known = task?.attempt ?? this.#ended.get(runId) ?? 0;
    // An older attempt was given up by the scheduler, which has sent a newer one since.
    if (attempt < known) delivery.ack();
    else if (attempt === known) this.#repeat(arrival, task);
    else if (this.#cancelled.has(runId)) this.#endUnstarted(arrival, { status: 'cancelled' });
    else {
      task?.abort('superseded');
      return false;
    }
    return true;
  }

  start(arrival: Arrival): void {
    const { topology, action, delivery } = arrival;
    const { tools, handlerFor, log, onRoom } = this.#options;
    const handler = handlerFor(topology, action.jobName);
    if (handler === undefined) {
      const error = `worker ${tools.workerId} has no handler for the job "${action.jobName}"`;
      log.error({ jobName: action.jobName, runId: action.runId, queue: topology.actionQueue }, error);
      this.#endUnstarted(arrival, { status: 'failed', error });
      return;
    }
    const task = new RunTask(tools, { topology, action, delivery, handler });
    const older = this.#newest.get(action.runId);
    this.#newest.set(action.runId, task);
    const wayIsClear = older === undefined ? undefined : settlesWithin(older.settled, SUPERSEDE_PATIENCE_MS);
    const followed = this.#follow(task, wayIsClear).finally(() => {
      this.#tasks.delete(task);
      if (this.#newest.get(action.runId) === task) this.#newest.delete(action.runId);
      onRoom();
    });
    this.#tasks.set(task, followed);
  }

  /** A cancel may have been missed: the scheduler repeats it to whoever says that a cancelled run goes on. */
  sayWhatGoesOn(): void {
    for (const task of this.#tasks.keys()) void task.sayRunning();
  }

  /** True when no run is left within the time. */
  async drain(timeoutMs: number): Promise<boolean> {
    return settlesWithin(Promise.all(this.#tasks.values()), timeoutMs);
  }

  /** Takes back what has come and has not started, as its `running` has no confirm yet. */
  leaveUnstarted(): void {
    for (const task of this.#tasks.keys()) task.leave();
  }

  abortAll(): void {
    for (const task of this.#tasks.keys()) task.abort('shutdown');
  }

  abandonAll(): void {
    for (const task of this.#tasks.keys()) task.abandon();
  }

  async #follow(task: RunTask, predecessor: Promise<unknown> | undefined): Promise<void> {
    const startedAt = performance.now();
    const end = await task.perform(predecessor);
    if (end.kind === 'dropped') return;
    if (task.abortReason === 'superseded') {
      this.#options.log.info({ runId: task.run.runId, attempt: task.attempt }, 'a superseded attempt has ended');
      return;
    }
    const confirmed = this.#report({ topology: task.topology, action: task.action }, end.outcome);
    void confirmed.then(() => task.ack());
    this.#options.onEnded(task.action, end.outcome, Math.round(performance.now() - startedAt));
  }

  #repeat({ action, delivery }: Arrival, task: RunTask | undefined): void {
    const report = this.#reports.get(action.runId);
    if (task !== undefined) task.repeat(delivery);
    else if (report !== undefined) void this.#options.outbox.add(keyOf(action), report).then(() => delivery.ack());
    else delivery.ack(); // said long ago, and much has been said since
  }

  #endUnstarted(arrival: Arrival, outcome: Outcome): void {
    void this.#report(arrival, outcome).then(() => arrival.delivery.ack());
    this.#options.onEnded(arrival.action, outcome, 0);
  }

  #report({ topology, action }: Pick<Arrival, 'topology' | 'action'>, outcome: Outcome): Promise<boolean> {
    const { tools, outbox } = this.#options;
    const report = statusReport(topology, action, { ...outcome, workerId: tools.workerId });
    this.#ended.set(action.runId, attemptOf(action));
    this.#reports.set(action.runId, report);
    return outbox.add(keyOf(action), report);
  }
}

function keyOf(action: ActionMessage): string {
  return `${action.runId}:${attemptOf(action)}`;
}
