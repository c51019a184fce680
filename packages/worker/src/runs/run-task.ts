import { type ActionMessage, LIMITS, type Topology } from '@simple-scheduler/contracts';
import { attemptOf, runOf } from '../action.ts';
import { type AbortReason, type JobHandler, type Run, RunAbortedError, type RunContext } from '../handler.ts';
import { logWith, reasonOf, type WorkerLog } from '../log.ts';
import { heartbeatReport, type Outcome, type Report, statusReport } from '../messages.ts';
import { encodeOutput, errorText } from '../outcome.ts';
import { retryWishOf } from '../retry-wishes.ts';
import { type ActionDelivery, UnroutableError } from '../transport.ts';
import { backoffMs, pause, TIMER_MAX_MS } from '../waiting.ts';
import { Pulse } from './pulse.ts';

const STOPPED_ERROR = 'worker stopped';
const ANNOUNCE_RETRY = { firstMs: 100, maxMs: 2_000 };
const BEAT_GAP_MS = 200;

export interface TaskTools {
  readonly workerId: string;
  /** Upper bound of the time between heartbeats; undefined: a third of the run's heartbeat timeout, none where it has none. */
  readonly heartbeatIntervalMs: number | undefined;
  readonly publish: (kind: 'status' | 'heartbeat', report: Report) => Promise<void>;
  readonly log: WorkerLog;
  readonly onStarted: (run: Run) => void;
}

/** `dropped`: never started here, so that there is nothing to say; whoever gets the action next will run it. */
export type TaskEnd = { readonly kind: 'ended'; readonly outcome: Outcome } | { readonly kind: 'dropped' };

/**
 * One attempt at one run, from the action to its end. The action is acknowledged once the broker has confirmed
 * `running`, and the handler starts only while the action is still ours then: a crash or a lost connection before that
 * gives the action to another worker, without two of them working; a crash after it is for the heartbeat watchdog.
 */
export class RunTask {
  readonly run: Run;
  readonly topology: Topology;
  readonly action: ActionMessage;
  /** Resolves when the handler, if it was called, has returned. */
  readonly settled: Promise<void>;
  readonly #tools: TaskTools;
  readonly #handler: JobHandler;
  readonly #log: WorkerLog;
  readonly #abort = new AbortController();
  readonly #abandoned: PromiseWithResolvers<Outcome> = Promise.withResolvers();
  readonly #settle: () => void;
  #delivery: ActionDelivery;
  #isExecuting = false;
  #pulse: Pulse | undefined;
  #abortReason: AbortReason | undefined;

  constructor(
    tools: TaskTools,
    plan: { topology: Topology; action: ActionMessage; delivery: ActionDelivery; handler: JobHandler },
  ) {
    this.#tools = tools;
    this.topology = plan.topology;
    this.action = plan.action;
    this.#delivery = plan.delivery;
    this.#handler = plan.handler;
    this.run = runOf(plan.action);
    this.#log = logWith(tools.log, { jobName: this.run.jobName, runId: this.run.runId, attempt: this.attempt });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.settled = promise;
    this.#settle = resolve;
  }

  get attempt(): number {
    return attemptOf(this.action);
  }

  get abortReason(): AbortReason | undefined {
    return this.#abortReason;
  }

  /** `predecessor`: an attempt of the same run that is being aborted; both at once would overlap. Never rejects. */
  async perform(predecessor: Promise<unknown> | undefined): Promise<TaskEnd> {
    try {
      await predecessor;
      await this.#announce();
      const early = this.#endBeforeStart();
      if (early !== undefined) return early;
      this.#delivery.ack();
      this.#isExecuting = true;
      this.#tools.onStarted(this.run);
      const outcome = await Promise.race([this.#execute(), this.#abandoned.promise]);
      return { kind: 'ended', outcome };
    } finally {
      this.#settle();
    }
  }

  abort(reason: AbortReason): void {
    if (this.#abortReason !== undefined) return;
    this.#abortReason = reason;
    this.#log.info({ reason }, 'aborting a run');
    if (reason === 'superseded') this.#pulse?.stop();
    this.#abort.abort(new RunAbortedError(reason));
  }

  /** Takes back what has not started: it goes to another worker. */
  leave(): void {
    if (!this.#isExecuting) this.abort('shutdown');
  }

  /** For a handler that does not heed its signal: the run ends without it. */
  abandon(): void {
    this.#abandoned.resolve(this.#outcomeOfStop());
  }

  /** The same action once more: before the start, another chance to keep it; after that, our `running` may have been lost. */
  repeat(delivery: ActionDelivery): void {
    if (this.#isExecuting) {
      void this.sayRunning().finally(() => delivery.ack());
      return;
    }
    const older = this.#delivery;
    this.#delivery = delivery;
    older.ack();
  }

  /** Tells the scheduler again that this run goes on here; nothing before it has started, or of an attempt given up. Never rejects. */
  async sayRunning(): Promise<void> {
    if (!this.#isExecuting || this.#abortReason === 'superseded') return;
    await this.#publishRunning().catch((error: unknown) =>
      this.#log.debug({ reason: reasonOf(error) }, 'could not repeat that the run goes on'),
    );
  }

  /** Acknowledges the action where it could not be before; for those that end before they start. */
  ack(): void {
    this.#delivery.ack();
  }

  async #announce(): Promise<void> {
    const { signal } = this.#abort;
    for (let failures = 1; !signal.aborted && this.#delivery.isHeld(); failures++) {
      try {
        return await this.#publishRunning();
      } catch (error) {
        if (error instanceof UnroutableError) {
          this.#log.warn({ reason: reasonOf(error) }, 'nobody hears that this run has started');
          return;
        }
        this.#log.debug({ reason: reasonOf(error) }, '`running` is not confirmed yet');
      }
      await pause(backoffMs(failures, ANNOUNCE_RETRY), signal);
    }
  }

  #endBeforeStart(): TaskEnd | undefined {
    if (this.#abortReason === 'cancelled') return { kind: 'ended', outcome: { status: 'cancelled' } };
    if (this.#abortReason === 'superseded') {
      this.#delivery.ack();
      return { kind: 'dropped' };
    }
    if (this.#abortReason === 'shutdown') {
      this.#delivery.giveBack();
      return { kind: 'dropped' };
    }
    if (this.#delivery.isHeld()) return undefined;
    this.#log.debug({}, 'the action was lost with the connection before the run had started; it will come again');
    return { kind: 'dropped' };
  }

  async #execute(): Promise<Outcome> {
    const pulse = new Pulse({
      intervalMs: this.#heartbeatIntervalMs(),
      gapMs: BEAT_GAP_MS,
      send: (beat) => this.#tools.publish('heartbeat', heartbeatReport(this.topology, this.action, beat)),
    });
    this.#pulse = pulse;
    try {
      const value = await this.#handler(this.run, this.#contextOf(pulse));
      return this.#outcomeOfReturn(value);
    } catch (thrown) {
      return this.#outcomeOfThrow(thrown);
    } finally {
      pulse.stop();
      this.#settle();
    }
  }

  #contextOf(pulse: Pulse): RunContext {
    return {
      signal: this.#abort.signal,
      log: this.#log,
      heartbeat: (message) => pulse.beat(messageField(message)),
      progress: (fraction, message) => {
        const progress = Math.min(1, Math.max(0, Number(fraction)));
        const isNumber = !Number.isNaN(progress);
        if (!isNumber) this.#log.warn({ fraction: String(fraction) }, 'progress is not a number; left out');
        pulse.beat({ ...(isNumber ? { progress } : {}), ...messageField(message) });
      },
    };
  }

  #heartbeatIntervalMs(): number | undefined {
    const { heartbeatTimeoutMs } = this.run;
    const own = this.#tools.heartbeatIntervalMs;
    if (heartbeatTimeoutMs === undefined) return own;
    const third = Math.min(TIMER_MAX_MS, Math.max(1, Math.floor(heartbeatTimeoutMs / 3)));
    return own === undefined ? third : Math.min(own, third);
  }

  /** A handler that gave an output has done its work, however late the abort; one that just returned has heeded it. */
  #outcomeOfReturn(value: unknown): Outcome {
    if (value === undefined && this.#abortReason !== undefined) return this.#outcomeOfStop();
    const encoded = encodeOutput(value);
    if (!encoded.ok) {
      this.#log.error({ reason: encoded.error }, 'the run did its work, but its output cannot be sent');
      return { status: 'failed', error: encoded.error };
    }
    if (encoded.isCut) this.#log.warn({}, 'the output is too large or nested too deep; it is kept as text');
    return { status: 'completed', ...(encoded.output === undefined ? {} : { output: encoded.output }) };
  }

  #outcomeOfThrow(thrown: unknown): Outcome {
    const error = errorText(thrown);
    if (this.#abortReason === undefined) return { status: 'failed', error, ...retryWishOf(thrown) };
    this.#log.debug({ error }, 'an aborted handler threw');
    return this.#outcomeOfStop();
  }

  #outcomeOfStop(): Outcome {
    return this.#abortReason === 'cancelled' ? { status: 'cancelled' } : { status: 'failed', error: STOPPED_ERROR };
  }

  #publishRunning(): Promise<void> {
    const fields = { status: 'running' as const, workerId: this.#tools.workerId };
    return this.#tools.publish('status', statusReport(this.topology, this.action, fields));
  }
}

/** Whatever a handler gives: what says nothing is left out, what is too long is cut. */
function messageField(message: string | undefined): { message?: string } {
  return message == null ? {} : { message: String(message).slice(0, LIMITS.labelChars) };
}
