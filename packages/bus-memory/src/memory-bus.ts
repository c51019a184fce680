import { controlMessageSchema, SHARED_NAMES, type ControlMessage, type Topology } from '@simple-scheduler/contracts';
import {
  BusUnavailableError,
  type BatchHandler,
  type BusState,
  type Consumption,
  type MessageBus,
  type OutgoingAction,
  type PublishOutcome,
} from '@simple-scheduler/engine';
import { consumeLastingly } from './attachments.ts';
import { BatchConsumer } from './batch-consumer.ts';
import type { BrokerParts } from './memory-broker.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One service's endpoint of the in-process broker. */
export class MemoryBus implements MessageBus {
  readonly #parts: BrokerParts;
  readonly #consumptions = new Set<Consumption>();
  readonly #publications = new Set<Promise<unknown>>();
  readonly #stateListeners: ((state: BusState) => void)[] = [];
  readonly #unsubscribe: () => void;
  #isOpened = false;
  #isClosed = false;
  #reported: BusState = 'connecting';

  constructor(parts: BrokerParts) {
    this.#parts = parts;
    this.#unsubscribe = parts.condition.onChange(() => this.#report());
  }

  async connect({ timeoutMs = this.#parts.settings.publishDeadlineMs }: { timeoutMs?: number } = {}): Promise<void> {
    const { condition, settings } = this.#parts;
    this.#isOpened = true;
    condition.touch();
    if (!(await condition.waitUntil(() => condition.isUp || this.#isClosed, timeoutMs, settings.timers))) {
      throw new BusUnavailableError(`The in-process bus did not come up within ${timeoutMs} ms`);
    }
  }

  state(): BusState {
    if (this.#isClosed) return 'closed';
    if (!this.#isOpened || !this.#parts.condition.isUp) return 'connecting';
    return this.#parts.condition.isBlocked ? 'blocked' : 'connected';
  }

  onStateChange(listener: (state: BusState) => void): void {
    this.#stateListeners.push(listener);
  }

  async publishActions(messages: readonly OutgoingAction[]): Promise<PublishOutcome[]> {
    const publication = this.#publish(messages);
    this.#publications.add(publication);
    return publication.finally(() => this.#publications.delete(publication));
  }

  async ensureTopology(topologies: readonly Topology[]): Promise<void> {
    await this.#needBroker();
    for (const topology of topologies) this.#parts.exchanges.declareForSchedulers(topology);
  }

  /** What there is of them is in the broker, and nothing is remembered. */
  forgetTopologies(): void {}

  async deleteTopology(topology: Topology): Promise<void> {
    await this.#needBroker();
    this.#parts.exchanges.deleteTopology(topology);
  }

  async consume(
    kind: 'status' | 'heartbeat',
    handler: BatchHandler,
    { maxBatch }: { maxBatch: number },
  ): Promise<Consumption> {
    const { exchanges } = this.#parts;
    const name = kind === 'status' ? SHARED_NAMES.statusQueue : SHARED_NAMES.heartbeatQueue;
    return this.#track(
      new BatchConsumer(this.#parts, {
        queue: () => exchanges.declareQueue(name),
        handler,
        maxBatch,
        deadLetter: ({ body, exchange }, reason) => {
          const headers = { 'x-reason': reason, 'x-original-exchange': exchange };
          exchanges.declareQueue(SHARED_NAMES.deadLetterQueue).push({ body, exchange: '', routingKey: '', headers });
        },
      }),
    );
  }

  async announce(message: ControlMessage): Promise<void> {
    if (this.state() !== 'connected' && this.state() !== 'blocked') return; // nobody could hear it
    const body = encoder.encode(JSON.stringify(message));
    this.#parts.exchanges.publish({ body, exchange: SHARED_NAMES.controlExchange, routingKey: '' });
  }

  async onControl(handler: (message: ControlMessage) => void): Promise<Consumption> {
    const { exchanges, settings } = this.#parts;
    let queueName: string | undefined;
    const forget = (): void => {
      if (queueName !== undefined) exchanges.deleteQueue(queueName);
    };
    const consumer = consumeLastingly(this.#parts, {
      prefetch: Number.POSITIVE_INFINITY,
      queue: () => {
        const queue = exchanges.declareQueue();
        queueName = queue.name;
        exchanges.bind(queue, SHARED_NAMES.controlExchange);
        return queue;
      },
      onLost: forget,
      onDelivery: (delivery) => {
        delivery.ack();
        try {
          handler(controlMessageSchema.parse(JSON.parse(decoder.decode(delivery.message.body))));
        } catch (error) {
          settings.log?.warn({ err: error }, 'an announcement could not be heard');
        }
      },
    });
    return this.#track({
      stop: async () => {
        consumer.end();
        forget();
      },
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#consumptions].map((consumption) => consumption.stop()));
    await Promise.all(this.#publications);
    this.#isClosed = true;
    this.#report();
    this.#unsubscribe();
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

  async #publish(messages: readonly OutgoingAction[]): Promise<PublishOutcome[]> {
    const { settings, condition, exchanges } = this.#parts;
    const isSettled = (): boolean => this.state() === 'connected' || this.state() === 'closed';
    await condition.waitUntil(isSettled, settings.publishDeadlineMs, settings.timers);
    return messages.map(({ topology, messageId, body }) => {
      if (this.state() !== 'connected') return 'unconfirmed'; // also where the messages before this one filled the broker
      try {
        exchanges.declareForSchedulers(topology);
        const bytes = encoder.encode(JSON.stringify(body));
        exchanges.publish({ body: bytes, exchange: topology.actionExchange, routingKey: body.action, messageId });
        return 'confirmed';
      } catch (error) {
        settings.log?.error({ err: error, messageId }, 'a message cannot be written as JSON');
        return 'unconfirmed';
      }
    });
  }

  async #needBroker(): Promise<void> {
    const { condition, settings } = this.#parts;
    const isUsable = (): boolean => this.state() === 'connected' || this.state() === 'blocked';
    if (!(await condition.waitUntil(isUsable, settings.publishDeadlineMs, settings.timers))) {
      throw new BusUnavailableError('The in-process bus is not up');
    }
  }

  #report(): void {
    const state = this.state();
    if (state === this.#reported) return;
    this.#reported = state;
    for (const listener of this.#stateListeners) listener(state);
  }
}
