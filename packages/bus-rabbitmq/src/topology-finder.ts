import { SHARED_NAMES, type Topology } from '@simple-scheduler/contracts';
import { NOT_FOUND, replyCode } from './amqp-errors.ts';
import { declareTopology } from './declarations.ts';
import { Expectation } from './expectation.ts';
import type { Lane } from './lane.ts';
import type { RabbitSettings } from './options.ts';
import type { SharedDeclarations } from './shared-declarations.ts';
import { isThere } from './topology-marker.ts';

/**
 * Makes sure that a topology is there, with the shared queues that it leads to: by a look where it is expected, else by
 * all its declarations.
 */
export class TopologyFinder {
  readonly #settings: RabbitSettings;
  readonly #shared: SharedDeclarations;
  readonly #expectation = new Expectation();

  constructor(settings: RabbitSettings, shared: SharedDeclarations) {
    this.#settings = settings;
    this.#shared = shared;
  }

  /**
   * `isDoubted`: whether something of it may be gone, whatever its marker says.
   * @throws TopologyRefusedError, NoAnswerError, or what else the broker answered.
   */
  async findOrDeclare(lane: Lane, topology: Topology, isDoubted: () => boolean): Promise<'found' | 'declared'> {
    await this.#ensureShared();
    const isFound = !isDoubted() && (await this.#expectation.mayLook()) && (await this.#look(lane, topology));
    if (!isFound || isDoubted()) {
      await this.declare(lane, topology);
      return 'declared';
    }
    this.#settings.meter.count('topologies_found_total');
    return 'found';
  }

  /** @throws TopologyRefusedError, NoAnswerError, or what else the broker answered. */
  async declare(lane: Lane, topology: Topology): Promise<void> {
    await this.#ensureShared();
    try {
      await lane.run((channel) => declareTopology(channel, topology));
    } catch (error) {
      if (replyCode(error) === NOT_FOUND) for (const name of LED_TO) this.#shared.forget(name);
      throw error;
    }
    this.#settings.meter.count('topologies_declared_total');
  }

  /** Shared queues are gone, and with them bindings of topologies that are marked: there are no more looks until `reset`. */
  stopLooking(): void {
    this.#expectation.giveUp();
  }

  reset(): void {
    this.#expectation.reset();
  }

  async #ensureShared(): Promise<void> {
    await Promise.all(LED_TO.map((name) => this.#shared.ensure(name)));
  }

  async #look(lane: Lane, topology: Topology): Promise<boolean> {
    try {
      const isFound = await lane.run((channel) => isThere(channel, topology));
      if (isFound) this.#expectation.found();
      else this.#expectation.missed();
      if (!isFound) this.#settings.log.debug({ topology: topology.key }, 'a topology was looked for and is not there');
      return isFound;
    } catch (error) {
      this.#expectation.unanswered();
      throw error;
    }
  }
}

const LED_TO = [SHARED_NAMES.statusQueue, SHARED_NAMES.heartbeatQueue] as const;
