import type { Topology } from '@simple-scheduler/contracts';
import { BusUnavailableError } from '@simple-scheduler/engine';
import { consumeLastingly, type LastingConsumer } from './attachments.ts';
import type { BrokerParts } from './memory-broker.ts';

export interface MemoryActionConsumer {
  readonly prefetch: number;
  readonly onMessage: (delivery: MemoryActionDelivery) => void;
}

/** One action in the hands of one worker. */
export interface MemoryActionDelivery {
  readonly body: Uint8Array;
  readonly redelivered: boolean;
  /** False once it was settled, or lost because the broker went away. */
  isHeld(): boolean;
  /** Both do nothing where it is not held any more. */
  ack(): void;
  giveBack(): void;
}

export interface MemoryConsumption {
  /** Takes no more messages; those handed over may still be acknowledged. Safe twice. */
  stop(): Promise<void>;
}

export interface MemoryActionConsumption extends MemoryConsumption {
  /** Takes no more messages until `resume`; those handed over may still be settled. */
  pause(): void;
  resume(): void;
}

/** One worker's endpoint of the in-process broker, with the shape that the worker SDK asks of a transport. */
export class MemoryWorkerTransport {
  readonly #parts: BrokerParts;
  readonly #consumers = new Set<LastingConsumer>();
  #isClosed = false;

  constructor(parts: BrokerParts) {
    this.#parts = parts;
  }

  /** Resolves once the broker is up. */
  async open(): Promise<void> {
    const { condition, settings } = this.#parts;
    const isSettled = (): boolean => condition.isUp || this.#isClosed;
    while (!(await condition.waitUntil(isSettled, settings.publishDeadlineMs, settings.timers)));
  }

  async consumeActions(
    topology: Topology,
    { prefetch, onMessage }: MemoryActionConsumer,
  ): Promise<MemoryActionConsumption> {
    const consumer = consumeLastingly(this.#parts, {
      prefetch,
      queue: () => this.#parts.exchanges.declareForWorkers(topology),
      onDelivery: (delivery) =>
        onMessage({
          body: delivery.message.body,
          redelivered: delivery.redelivered,
          isHeld: () => delivery.isHeld(),
          ack: () => delivery.ack(),
          giveBack: () => delivery.requeue(),
        }),
    });
    this.#consumers.add(consumer);
    return {
      stop: async () => consumer.cancel(),
      pause: () => consumer.setPaused(true),
      resume: () => consumer.setPaused(false),
    };
  }

  async hearCancels(
    topologies: readonly Topology[],
    onMessage: (body: Uint8Array) => void,
    onBack?: () => void,
  ): Promise<MemoryConsumption> {
    const { exchanges } = this.#parts;
    let queueName: string | undefined;
    let hasHeard = false;
    const forget = (): void => {
      if (queueName !== undefined) exchanges.deleteQueue(queueName);
    };
    const consumer = consumeLastingly(this.#parts, {
      prefetch: Number.POSITIVE_INFINITY,
      queue: () => {
        const queue = exchanges.declareQueue();
        queueName = queue.name;
        for (const topology of topologies) {
          exchanges.declareForWorkers(topology);
          exchanges.bind(queue, topology.actionExchange, 'cancel');
        }
        if (hasHeard && onBack !== undefined) queueMicrotask(onBack);
        hasHeard = true;
        return queue;
      },
      onLost: forget,
      onDelivery: (delivery) => {
        delivery.ack();
        onMessage(delivery.message.body);
      },
    });
    const end = (): void => {
      consumer.end();
      forget();
      this.#consumers.delete(ended);
    };
    const ended: LastingConsumer = { cancel: end, end, setPaused: (isPaused) => consumer.setPaused(isPaused) };
    this.#consumers.add(ended);
    return { stop: async () => end() };
  }

  /** Rejects where the broker took nothing before the deadline. */
  async publish(kind: 'status' | 'heartbeat', topology: Topology, body: Uint8Array): Promise<void> {
    const { condition, settings, exchanges } = this.#parts;
    const isSettled = (): boolean => this.#isClosed || (condition.isUp && !condition.isBlocked);
    await condition.waitUntil(isSettled, settings.publishDeadlineMs, settings.timers);
    if (this.#isClosed) throw new BusUnavailableError('The transport is closed');
    if (!isSettled()) throw new BusUnavailableError(`The in-process bus took no ${kind} in time`);
    const exchange = kind === 'status' ? topology.statusExchange : topology.heartbeatExchange;
    exchanges.publish({ body, exchange, routingKey: kind });
  }

  /** Unacknowledged actions go to other workers. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const consumer of this.#consumers) consumer.end();
    this.#parts.condition.touch();
  }
}
