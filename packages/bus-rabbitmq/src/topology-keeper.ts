import { SHARED_NAMES, type Topology } from '@simple-scheduler/contracts';
import { BusUnavailableError } from '@simple-scheduler/engine';
import { describeError, NOT_FOUND, replyCode, TopologyRefusedError } from './amqp-errors.ts';
import { Deadline } from './deadline.ts';
import { declareTopology, deleteTopology } from './declarations.ts';
import { Lane } from './lane.ts';
import type { Link } from './link.ts';
import type { RabbitSettings } from './options.ts';
import type { Problems } from './problems.ts';
import type { SharedDeclarations } from './shared-declarations.ts';

/** How long a refusal is believed: asking costs a channel each time, and only an operator can change the answer. */
const REFUSAL_TTL_MS = 15_000;
/** After a failure that may pass by itself. */
const RETRY_DELAY_MS = 250;
/** For what nobody waits for in particular. */
const BACKGROUND_DEADLINE_MS = 120_000;

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

interface Wanted {
  readonly topology: Topology;
  readonly waiters: Set<Waiter>;
}

/**
 * Knows which topologies are declared, and declares others when they are needed: lazily, each once however many ask
 * for it, over several channels of the consuming connection, which the broker never blocks. What it knows is forgotten
 * with the connection; nothing is declared again before it is needed again.
 */
export class TopologyKeeper {
  readonly #link: Link;
  readonly #settings: RabbitSettings;
  readonly #problems: Problems;
  readonly #shared: SharedDeclarations;
  readonly #declared = new Map<string, Topology>();
  readonly #refused = new Map<string, { readonly error: TopologyRefusedError; readonly at: number }>();
  readonly #wanted = new Map<string, Wanted>();
  readonly #busy = new Map<string, Promise<void>>();
  readonly #idleLanes: Lane[];
  readonly #removing: Lane;

  constructor(link: Link, settings: RabbitSettings, shared: SharedDeclarations, problems: Problems) {
    this.#link = link;
    this.#settings = settings;
    this.#shared = shared;
    this.#problems = problems;
    this.#idleLanes = Array.from({ length: settings.declaringChannels }, () => new Lane(link, settings));
    this.#removing = new Lane(link, settings);
    link.onChange(() => this.#work());
  }

  /**
   * Resolves once it is declared.
   * @throws TopologyRefusedError, or BusUnavailableError with the deadline.
   */
  async ensure(topology: Topology, deadline: Deadline): Promise<void> {
    const { key } = topology;
    if (this.#declared.has(key)) return;
    const refused = this.#refused.get(key);
    if (refused !== undefined && performance.now() - refused.at < REFUSAL_TTL_MS) throw refused.error;

    const wanted = this.#wanted.get(key) ?? { topology, waiters: new Set() };
    this.#wanted.set(key, wanted);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { resolve, reject };
    wanted.waiters.add(waiter);
    const stopWaiting = deadline.onEnd(() => {
      wanted.waiters.delete(waiter);
      if (wanted.waiters.size === 0 && this.#wanted.get(key) === wanted) this.#wanted.delete(key);
      reject(new BusUnavailableError(`RabbitMQ did not take the declarations of ${key} in time`));
    });
    this.#work();
    return promise.finally(stopWaiting);
  }

  /** Something of it is gone, or may be. */
  forget(key: string): void {
    this.#declared.delete(key);
  }

  /** The connection is gone; what was refused may be tried again on the next. */
  forgetAll(): void {
    this.#declared.clear();
    for (const [key, { error }] of this.#refused) this.#refused.set(key, { error, at: Number.NEGATIVE_INFINITY });
  }

  /** A shared queue was deleted, and with it bindings that statuses need whether or not anything is published. */
  declareKnownAgain(): void {
    const known = [...this.#declared.values()];
    this.#declared.clear();
    const deadline = new Deadline(BACKGROUND_DEADLINE_MS);
    const all = known.map((topology) => this.ensure(topology, deadline).catch(() => {})); // else when it is published to
    void Promise.all(all).finally(() => deadline.clear());
  }

  /** @throws NoAnswerError, or what the broker answered. */
  async remove(topology: Topology): Promise<void> {
    await this.#busy.get(topology.key);
    this.#declared.delete(topology.key);
    this.#refused.delete(topology.key);
    await this.#removing.run((channel) => deleteTopology(channel, topology));
  }

  #work(): void {
    if (this.#link.model === undefined) return;
    for (const [key, { topology }] of this.#wanted) {
      if (this.#busy.has(key)) continue;
      const lane = this.#idleLanes.pop();
      if (lane === undefined) return;
      const declaring = this.#declare(lane, topology).finally(() => {
        this.#busy.delete(key);
        this.#idleLanes.push(lane);
        this.#work();
      });
      this.#busy.set(key, declaring);
    }
  }

  /** Never rejects: whoever waits is told, or waits on for the next attempt. */
  async #declare(lane: Lane, topology: Topology): Promise<void> {
    const { key } = topology;
    try {
      await Promise.all([
        this.#shared.ensure(SHARED_NAMES.statusQueue),
        this.#shared.ensure(SHARED_NAMES.heartbeatQueue),
      ]);
      await lane.run((channel) => declareTopology(channel, topology));
      this.#succeed(topology);
    } catch (error) {
      if (error instanceof TopologyRefusedError) return this.#refuse(key, error);
      this.#settings.log.debug({ topology: key, reason: describeError(error) }, 'a topology is not declared yet');
      if (replyCode(error) === NOT_FOUND) {
        this.#shared.forget(SHARED_NAMES.statusQueue);
        this.#shared.forget(SHARED_NAMES.heartbeatQueue);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
    }
  }

  #succeed(topology: Topology): void {
    const { key } = topology;
    this.#declared.set(key, topology);
    this.#settings.meter.count('topologies_declared_total');
    const refused = this.#refused.get(key);
    if (refused !== undefined) this.#problems.solved(refused.error.subject);
    this.#refused.delete(key);
    for (const waiter of this.#takeWaiters(key)) waiter.resolve();
  }

  #refuse(key: string, error: TopologyRefusedError): void {
    this.#problems.report(error.subject, error.message);
    this.#refused.set(key, { error, at: performance.now() });
    for (const waiter of this.#takeWaiters(key)) waiter.reject(error);
  }

  #takeWaiters(key: string): Iterable<Waiter> {
    const waiters = this.#wanted.get(key)?.waiters ?? [];
    this.#wanted.delete(key);
    return waiters;
  }
}
