import { type Topology, topologyFor } from '@simple-scheduler/contracts';
import { parseAction, runOf } from './action.ts';
import { Events, type WorkerEvents, type WorkerState } from './events.ts';
import type { JobHandler } from './handler.ts';
import type { WorkerLog } from './log.ts';
import type { Report } from './messages.ts';
import { ANY_JOB, type WorkerSettings } from './options.ts';
import { Intake } from './runs/intake.ts';
import type { Lane } from './runs/lane.ts';
import { Outbox } from './runs/outbox.ts';
import { RunDesk } from './runs/run-desk.ts';
import type { ActionDelivery, WorkerTransport } from './transport.ts';
import { settlesWithin } from './waiting.ts';

/** How long aborted handlers may take to end before their runs are reported without them. */
const ABORT_GRACE_MS = 500;
/** How long the last statuses and goodbyes may take. */
const FLUSH_MS = 2_000;
/** Schedulers bind anew, about once a minute, what is in use. */
const UNROUTABLE_FOR_MS = 90_000;

/** Does the runs of some jobs. Made by `createWorker`. */
export interface Worker {
  readonly id: string;
  readonly state: WorkerState;
  /** Runs that go on here. */
  readonly activeRuns: number;
  /**
   * Resolves once runs of all jobs are taken, however long the broker takes to appear; or, with the state `stopped`, where
   * the worker was stopped before.
   * @throws Error where it was started or stopped already.
   */
  start(): Promise<void>;
  /**
   * Takes nothing new, waits up to `timeoutMs` (`Infinity`: as long as it takes) for the runs that go on, aborts what is
   * left (its runs fail with `worker stopped`), sends what is still to be told and closes the connection: another second,
   * five at most where the broker does not answer. Safe twice.
   */
  stop(options?: { timeoutMs?: number }): Promise<void>;
  /** Returns what ends the subscription. A listener that throws, or rejects, is logged. */
  on<E extends keyof WorkerEvents>(event: E, listener: (detail: WorkerEvents[E]) => unknown): () => void;
}

export class BusWorker implements Worker {
  readonly #settings: WorkerSettings;
  readonly #transport: WorkerTransport;
  readonly #log: WorkerLog;
  readonly #events: Events;
  readonly #handlers: ReadonlyMap<string, { topology: Topology; handlers: ReadonlyMap<string, JobHandler> }>;
  readonly #outbox: Outbox;
  readonly #desk: RunDesk;
  readonly #intake: Intake;
  #state: WorkerState = 'idle';
  #stopping: Promise<void> | undefined;

  constructor(settings: WorkerSettings, transport: WorkerTransport, log: WorkerLog) {
    this.#settings = settings;
    this.#transport = transport;
    this.#log = log;
    this.#events = new Events(log);
    this.#handlers = handlersByTopology(settings);
    this.#outbox = new Outbox({
      publish: (report) => this.#publish('status', report),
      limit: settings.maxUnconfirmed,
      unroutableForMs: UNROUTABLE_FOR_MS,
      log,
    });
    this.#desk = this.#makeDesk();
    this.#intake = new Intake({
      hasRoom: () => this.#desk.hasRoom(),
      settleKnown: (arrival) => this.#desk.settleKnown(arrival),
      start: (arrival) => this.#desk.start(arrival),
    });
    transport.onStateChange?.((state) => this.#events.tell('connectionChanged', state));
  }

  get id(): string {
    return this.#settings.workerId;
  }

  get state(): WorkerState {
    return this.#state;
  }

  get activeRuns(): number {
    return this.#desk.size;
  }

  on<E extends keyof WorkerEvents>(event: E, listener: (detail: WorkerEvents[E]) => unknown): () => void {
    return this.#events.on(event, listener);
  }

  async start(): Promise<void> {
    if (this.#state !== 'idle') throw new Error(`A worker is started once; this one is ${this.#state}`);
    this.#become('starting');
    try {
      await this.#listen();
    } catch (error) {
      if (this.#stopping === undefined) {
        await this.stop();
        throw error;
      }
    }
    if (this.#stopping !== undefined) return this.#stopping;
    this.#become('running');
    const queues = [...this.#handlers.values()].map(({ topology }) => topology.actionQueue);
    this.#log.info({ workerId: this.id, queues }, 'taking runs');
  }

  stop({ timeoutMs = this.#settings.stopTimeoutMs }: { timeoutMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(timeoutMs);
    return this.#stopping;
  }

  /** Cancels are heard before the first run is taken: one that came in between would be missed. */
  async #listen(): Promise<void> {
    await this.#transport.open();
    const parts = [...this.#handlers.values()];
    await this.#transport.hearCancels(
      parts.map(({ topology }) => topology),
      (body) => this.#hear(body),
      () => this.#desk.sayWhatGoesOn(),
    );
    const prefetch = Math.max(1, Math.ceil(this.#settings.concurrency / parts.length));
    await Promise.all(
      parts.map(async ({ topology }) => {
        const lane = this.#intake.open(topology);
        const onMessage = (delivery: ActionDelivery): void => this.#receive(lane, delivery);
        await lane.attach(await this.#transport.consumeActions(topology, { prefetch, onMessage }));
      }),
    );
  }

  async #stop(timeoutMs: number): Promise<void> {
    const wasListening = this.#state !== 'idle';
    this.#become('stopping');
    if (wasListening) {
      const closed = this.#intake.close();
      this.#desk.leaveUnstarted();
      await settlesWithin(closed, ABORT_GRACE_MS);
      await this.#finishRuns(timeoutMs);
      if (!(await this.#outbox.flush(FLUSH_MS))) {
        this.#log.error({ statuses: this.#outbox.size }, 'stopped before all statuses were confirmed');
      }
    }
    this.#outbox.close();
    await this.#transport.close();
    this.#become('stopped');
  }

  async #finishRuns(timeoutMs: number): Promise<void> {
    if (await this.#desk.drain(timeoutMs)) return;
    this.#log.warn({ runs: this.#desk.size, timeoutMs }, 'aborting the runs that are not done');
    this.#desk.abortAll();
    if (await this.#desk.drain(ABORT_GRACE_MS)) return;
    this.#log.warn({ runs: this.#desk.size }, 'some handlers do not heed their signal; their runs fail');
    this.#desk.abandonAll();
    await this.#desk.drain(ABORT_GRACE_MS);
  }

  #receive(lane: Lane, delivery: ActionDelivery): void {
    const parsed = parseAction(delivery.body);
    if (!parsed.ok) {
      this.#log.error({ queue: lane.topology.actionQueue, problem: parsed.problem }, 'dropped an invalid action');
      delivery.ack();
      return;
    }
    const { action } = parsed;
    if (action.action === 'run') {
      this.#intake.push(lane, { topology: lane.topology, action, delivery });
      return;
    }
    this.#cancel(action.runId);
    delivery.ack(); // whoever holds the run has heard it too
  }

  #hear(body: Uint8Array): void {
    const parsed = parseAction(body);
    if (!parsed.ok) this.#log.warn({ problem: parsed.problem }, 'ignored an invalid cancel');
    else if (parsed.action.action === 'cancel') this.#cancel(parsed.action.runId);
  }

  #cancel(runId: string): void {
    this.#desk.cancel(runId);
    this.#intake.recheck(runId);
  }

  #publish(kind: 'status' | 'heartbeat', { topology, body }: Report): Promise<void> {
    return this.#transport.publish(kind, topology, body);
  }

  #makeDesk(): RunDesk {
    const { workerId, heartbeatIntervalMs, concurrency } = this.#settings;
    const log = this.#log;
    return new RunDesk({
      tools: {
        workerId,
        heartbeatIntervalMs,
        publish: (kind, report) => this.#publish(kind, report),
        log,
        onStarted: (run) => this.#events.tell('runStarted', run),
      },
      outbox: this.#outbox,
      concurrency,
      handlerFor: (topology, jobName) => {
        const handlers = this.#handlers.get(topology.key)?.handlers;
        return handlers?.get(jobName) ?? handlers?.get(ANY_JOB);
      },
      onEnded: (action, outcome, durationMs) =>
        this.#events.tell('runEnded', { run: runOf(action), ...outcome, durationMs }),
      onRoom: () => this.#intake.pump(),
      log,
    });
  }

  #become(state: WorkerState): void {
    this.#state = state;
    this.#events.tell('stateChanged', state);
  }
}

function handlersByTopology({
  jobs,
  queues,
}: WorkerSettings): ReadonlyMap<string, { topology: Topology; handlers: ReadonlyMap<string, JobHandler> }> {
  const own = [...jobs].map(([name, handler]) => ({
    topology: topologyFor({ name }),
    handlers: new Map([[name, handler]]),
  }));
  const shared = [...queues].map(([workQueue, handlers]) => ({
    topology: topologyFor({ name: workQueue, workQueue }),
    handlers,
  }));
  return new Map([...own, ...shared].map((part) => [part.topology.key, part]));
}
