import { type ControlMessage, SHARED_NAMES, type Topology } from '@simple-scheduler/contracts';
import {
  type BatchHandler,
  type BusState,
  BusUnavailableError,
  type Consumption,
  type MessageBus,
  type OutgoingAction,
  type PublishOutcome,
} from '@simple-scheduler/engine';
import { ActionPublisher } from './action-publisher.ts';
import { type Address, parseAddress } from './address.ts';
import { describeError, NoAnswerError } from './amqp-errors.ts';
import { BatchConsumer } from './batch-consumer.ts';
import { ConsumerRank } from './consumer-rank.ts';
import { ControlChannel } from './control-channel.ts';
import { Deadline, within } from './deadline.ts';
import { DeadLetters } from './dead-letters.ts';
import { Link } from './link.ts';
import { type RabbitBusOptions, type RabbitSettings, settingsOf } from './options.ts';
import { Problems } from './problems.ts';
import { Publisher } from './publisher.ts';
import { SharedDeclarations } from './shared-declarations.ts';
import { Subscription } from './subscription.ts';
import { TopologyKeeper } from './topology-keeper.ts';

/** Topologies that are given the time of one publication together. */
const DECLARE_CHUNK = 100;

export interface RabbitBus extends MessageBus {
  /** What the broker refuses and an operator has to put right: a line for each, naming the exchange or queue. */
  problems(): readonly string[];
}

/**
 * The bus on RabbitMQ. Connects with `connect()`.
 * @throws TypeError for an address that is none.
 */
export function openRabbitBus(options: RabbitBusOptions): RabbitBus {
  const settings = settingsOf(options);
  return new RabbitMessageBus(parseAddress(settings.url, settings.heartbeatSeconds), settings);
}

/**
 * One connection for publishing and one for consuming: under an alarm the broker stops reading from connections that
 * publish, and acknowledgements and declarations must go on then.
 */
class RabbitMessageBus implements RabbitBus {
  readonly #address: Address;
  readonly #settings: RabbitSettings;
  readonly #publishing: Link;
  readonly #consuming: Link;
  readonly #problems: Problems;
  readonly #shared: SharedDeclarations;
  readonly #keeper: TopologyKeeper;
  readonly #actions: ActionPublisher;
  readonly #deadLetters: DeadLetters;
  readonly #control: ControlChannel;
  readonly #consumptions = new Set<Consumption>();
  readonly #publications = new Set<Promise<unknown>>();
  readonly #stateListeners: ((state: BusState) => void)[] = [];
  #reported: BusState = 'connecting';
  #closing: Promise<void> | undefined;
  #isClosed = false;

  constructor(address: Address, settings: RabbitSettings) {
    this.#address = address;
    this.#settings = settings;
    this.#publishing = new Link('publishing', address, settings);
    this.#consuming = new Link('consuming', address, settings);
    this.#problems = new Problems(settings.log);
    this.#shared = new SharedDeclarations(this.#consuming, settings, this.#problems);
    this.#keeper = new TopologyKeeper(this.#consuming, settings, this.#shared, this.#problems);
    const publisher = new Publisher(this.#publishing, settings);
    this.#actions = new ActionPublisher(publisher, this.#keeper, settings);
    // On a channel of their own: where the broker closes it over a dead letter, no action goes with it.
    this.#deadLetters = new DeadLetters(new Publisher(this.#publishing, settings), this.#shared, settings);
    this.#control = new ControlChannel(
      { publishing: this.#publishing, consuming: this.#consuming },
      this.#shared,
      settings,
    );
    for (const link of [this.#publishing, this.#consuming]) {
      link.onChange(() => {
        if (link.model === undefined) this.#forgetTopology();
        this.#report();
      });
    }
  }

  async connect({ timeoutMs }: { timeoutMs?: number } = {}): Promise<void> {
    this.#publishing.start();
    this.#consuming.start();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.#closing !== undefined) reject(new BusUnavailableError('The bus is closed'));
      else if (this.state() !== 'connecting') resolve();
    };
    const unsubscribe = [this.#publishing.onChange(look), this.#consuming.onChange(look)];
    look();
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(() => reject(this.#notConnected(timeoutMs)), timeoutMs);
    await promise.finally(() => {
      clearTimeout(timer);
      for (const end of unsubscribe) end();
    });
  }

  state(): BusState {
    if (this.#isClosed) return 'closed';
    if (this.#publishing.model === undefined || this.#consuming.model === undefined) return 'connecting';
    return this.#publishing.isBlocked ? 'blocked' : 'connected';
  }

  onStateChange(listener: (state: BusState) => void): void {
    this.#stateListeners.push(listener);
  }

  problems(): readonly string[] {
    return this.#problems.list();
  }

  async publishActions(messages: readonly OutgoingAction[]): Promise<PublishOutcome[]> {
    if (this.#closing !== undefined) return messages.map(() => 'unconfirmed');
    const publication = this.#actions.publish(messages);
    this.#publications.add(publication);
    return publication.finally(() => this.#publications.delete(publication));
  }

  async ensureTopology(topologies: readonly Topology[]): Promise<void> {
    if (this.#closing !== undefined) throw new BusUnavailableError('The bus is closed');
    for (let i = 0; i < topologies.length; i += DECLARE_CHUNK) {
      const deadline = new Deadline(this.#settings.publishDeadlineMs);
      const chunk = topologies.slice(i, i + DECLARE_CHUNK);
      await Promise.all(chunk.map((topology) => this.#keeper.ensure(topology, deadline))).finally(() =>
        deadline.clear(),
      );
    }
  }

  forgetTopologies(topologies: readonly Topology[]): void {
    for (const { key } of topologies) this.#keeper.forget(key);
  }

  async deleteTopology(topology: Topology): Promise<void> {
    await this.#waitForConsuming();
    try {
      await this.#keeper.remove(topology);
    } catch (error) {
      throw error instanceof NoAnswerError ? new BusUnavailableError(error.message) : error;
    }
  }

  async consume(
    kind: 'status' | 'heartbeat',
    handler: BatchHandler,
    { maxBatch }: { maxBatch: number },
  ): Promise<Consumption> {
    const queue = kind === 'status' ? SHARED_NAMES.statusQueue : SHARED_NAMES.heartbeatQueue;
    // Heartbeats stay with all: nobody who is held up may let runs seem dead.
    const rank = kind === 'status' ? new ConsumerRank(this.#settings.random) : undefined;
    const consumer = new BatchConsumer(
      {
        handler,
        maxBatch,
        ...(rank === undefined ? {} : { rank }),
        subscribe: (callbacks) =>
          new Subscription(this.#consuming, this.#settings, {
            ...callbacks,
            what: queue,
            prepare: async (channel) => {
              this.#shared.forget(queue);
              await this.#shared.ensure(queue);
              // Whoever watches the dead letters finds their queue from the start. Where it is refused, that is reported, and no more.
              void this.#shared.ensure(SHARED_NAMES.deadLetterQueue).catch(() => {});
              await channel.prefetch(this.#settings.prefetch);
              return queue;
            },
            options: () => (rank === undefined ? {} : { priority: rank.priority }),
            onCancelled: () => {
              this.#shared.forget(queue);
              this.#keeper.declareKnownAgain();
            },
          }),
        deadLetter: (message, reason) => this.#deadLetters.bury(message, reason),
      },
      this.#settings,
    );
    await consumer.started();
    return this.#track(consumer);
  }

  async announce(message: ControlMessage): Promise<void> {
    await this.#control.announce(message);
  }

  async onControl(handler: (message: ControlMessage) => void): Promise<Consumption> {
    return this.#track(await this.#control.listen(handler));
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    const settling = Promise.all([
      ...[...this.#consumptions].map((consumption) => consumption.stop()),
      ...this.#publications,
    ]);
    await within(settling, this.#settings.publishDeadlineMs, undefined).catch((error: unknown) => {
      this.#settings.log.warn({ reason: describeError(error) }, 'the bus did not close in good order');
    });
    this.#actions.giveUp();
    await this.#control.close(); // the last word of a scheduler is that its jobs are free
    await Promise.all([this.#publishing.close(), this.#consuming.close()]);
    this.#isClosed = true;
    this.#report();
  }

  #track(consumption: Consumption): Consumption {
    const tracked: Consumption = {
      stop: async () => {
        await consumption.stop();
        this.#consumptions.delete(tracked);
      },
    };
    this.#consumptions.add(tracked);
    return tracked;
  }

  async #waitForConsuming(): Promise<void> {
    if (this.#consuming.model !== undefined) return;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const unsubscribe = this.#consuming.onChange(() => {
      if (this.#consuming.model !== undefined || this.#consuming.isClosed) resolve(true);
    });
    await within(promise, this.#settings.publishDeadlineMs, false).finally(unsubscribe);
  }

  /** What a connection saw declared may have changed unseen since it went. */
  #forgetTopology(): void {
    this.#keeper.forgetAll();
    this.#shared.forgetAll();
  }

  #notConnected(timeoutMs: number): BusUnavailableError {
    const reason = this.#publishing.lastError ?? this.#consuming.lastError ?? 'no answer';
    return new BusUnavailableError(
      `RabbitMQ at ${this.#address.shown} was not reached within ${timeoutMs} ms: ${reason}`,
    );
  }

  #report(): void {
    const state = this.state();
    if (state === this.#reported) return;
    this.#reported = state;
    for (const listener of this.#stateListeners) listener(state);
  }
}
