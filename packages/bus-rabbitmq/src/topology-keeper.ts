import type { Topology } from '@simple-scheduler/contracts';
import { BusUnavailableError } from '@simple-scheduler/engine';
import { describeError, TopologyRefusedError } from './amqp-errors.ts';
import { Deadline } from './deadline.ts';
import { deleteTopology } from './declarations.ts';
import { Lane } from './lane.ts';
import { LaterDeclarations } from './later-declarations.ts';
import type { Link } from './link.ts';
import type { RabbitSettings } from './options.ts';
import type { Problems } from './problems.ts';
import { Refusals } from './refusals.ts';
import type { SharedDeclarations } from './shared-declarations.ts';
import { TopologyFinder } from './topology-finder.ts';

/** After a failure that may pass by itself. */
const RETRY_DELAY_MS = 250;
/** For what nobody waits for in particular. */
const BACKGROUND_DEADLINE_MS = 120_000;

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

interface Known {
  readonly topology: Topology;
  /** When it was found or declared, or is to be declared again, by `performance.now()`. */
  at: number;
}

interface Wanted {
  readonly topology: Topology;
  readonly waiters: Set<Waiter>;
}

/**
 * Knows which topologies are there, and looks for or declares others when they are needed: lazily, each once however
 * many ask for it, over several channels of the consuming connection, which the broker never blocks. What it knows is
 * forgotten with the connection, and nothing is asked for again before it is needed again. What was found is declared as
 * well, and what is known is declared anew now and then while it is used, but nobody waits for it: the broker says nothing of an
 * exchange for statuses that somebody has deleted, or of a binding.
 */
export class TopologyKeeper {
  readonly #link: Link;
  readonly #settings: RabbitSettings;
  readonly #finder: TopologyFinder;
  readonly #refusals: Refusals;
  readonly #known = new Map<string, Known>();
  /** Those of which something is gone, whatever their marker says. */
  readonly #doubted = new Set<string>();
  readonly #wanted = new Map<string, Wanted>();
  readonly #busy = new Map<string, Promise<unknown>>();
  readonly #idleLanes: Lane[];
  readonly #later: LaterDeclarations;
  readonly #laterLane: Lane;
  readonly #removing: Lane;

  constructor(link: Link, settings: RabbitSettings, shared: SharedDeclarations, problems: Problems) {
    this.#link = link;
    this.#settings = settings;
    this.#finder = new TopologyFinder(settings, shared);
    this.#refusals = new Refusals(problems);
    this.#idleLanes = Array.from({ length: settings.declaringChannels }, () => new Lane(link, settings));
    this.#later = new LaterDeclarations((topology) => this.#declareLater(topology));
    this.#laterLane = new Lane(link, settings);
    this.#removing = new Lane(link, settings);
    link.onChange(() => this.#work());
  }

  /**
   * Resolves once it is known to be there: found, or declared.
   * @throws TopologyRefusedError, or BusUnavailableError with the deadline.
   */
  async ensure(topology: Topology, deadline: Deadline): Promise<void> {
    const { key } = topology;
    const known = this.#known.get(key);
    if (known !== undefined) return this.#renew(known);
    const refusal = this.#refusals.believed(key);
    if (refusal !== undefined) throw refusal;

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

  #renew(known: Known): void {
    const now = performance.now();
    if (now < known.at + this.#settings.renewTopologiesMs) return;
    known.at = now;
    this.#later.add(known.topology);
  }

  /** Something of it is gone, whatever its marker says: it is declared before it is used again. */
  doubt(key: string): void {
    this.#known.delete(key);
    this.#doubted.add(key);
  }

  /** All of it may be gone, its marker first: it is looked for, or declared, before it is used again. */
  forget(key: string): void {
    this.#known.delete(key);
    void this.#later.drop(key);
  }

  /** The connection is gone; what was refused may be tried again on the next. */
  forgetAll(): void {
    this.#known.clear();
    this.#later.clear();
    this.#finder.reset();
    this.#refusals.disbelieve();
  }

  /** A shared queue was deleted, and with it bindings that statuses need whether or not anything is published. */
  declareKnownAgain(): void {
    this.#finder.stopLooking();
    const known = [...this.#known.values()];
    const deadline = new Deadline(BACKGROUND_DEADLINE_MS);
    const all = known.map(({ topology }) => {
      this.doubt(topology.key);
      return this.ensure(topology, deadline).catch(() => {}); // else when it is published to
    });
    void Promise.all(all).finally(() => deadline.clear());
  }

  /** @throws NoAnswerError, or what the broker answered. */
  async remove(topology: Topology): Promise<void> {
    const { key } = topology;
    await this.#busy.get(key);
    await this.#later.drop(key);
    this.#known.delete(key);
    this.#doubted.delete(key);
    this.#refusals.forget(key);
    await this.#removing.run((channel) => deleteTopology(channel, topology));
  }

  #work(): void {
    if (this.#link.model === undefined) return;
    for (const [key, { topology }] of this.#wanted) {
      if (this.#busy.has(key)) continue;
      const lane = this.#idleLanes.pop();
      if (lane === undefined) return;
      const working = this.#attempt(topology, () => this.#findOrDeclare(lane, topology)).finally(() => {
        this.#busy.delete(key);
        this.#idleLanes.push(lane);
        this.#work();
      });
      this.#busy.set(key, working);
    }
  }

  /** Never rejects: whoever waits is told, or waits on for the next attempt. False where there should be another one. */
  async #attempt(topology: Topology, work: () => Promise<void>): Promise<boolean> {
    const { key } = topology;
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof TopologyRefusedError) {
        this.#refuse(key, error);
        return true;
      }
      this.#settings.log.debug({ topology: key, reason: describeError(error) }, 'a topology is not declared yet');
      await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
      return false;
    }
  }

  async #findOrDeclare(lane: Lane, topology: Topology): Promise<void> {
    const isDoubted = (): boolean => this.#doubted.has(topology.key);
    const how = await this.#finder.findOrDeclare(lane, topology, isDoubted);
    if (how === 'found') this.#later.add(topology);
    else this.#doubted.delete(topology.key);
    this.#succeed(topology);
  }

  async #declareLater(topology: Topology): Promise<void> {
    const isDone = await this.#attempt(topology, () => this.#finder.declare(this.#laterLane, topology));
    if (!isDone && this.#known.has(topology.key)) this.#later.add(topology);
  }

  #succeed(topology: Topology): void {
    const { key } = topology;
    this.#known.set(key, { topology, at: performance.now() });
    this.#refusals.solved(key);
    for (const waiter of this.#takeWaiters(key)) waiter.resolve();
  }

  #refuse(key: string, error: TopologyRefusedError): void {
    this.#known.delete(key);
    this.#refusals.note(key, error);
    for (const waiter of this.#takeWaiters(key)) waiter.reject(error);
  }

  #takeWaiters(key: string): Iterable<Waiter> {
    const waiters = this.#wanted.get(key)?.waiters ?? [];
    this.#wanted.delete(key);
    return waiters;
  }
}
