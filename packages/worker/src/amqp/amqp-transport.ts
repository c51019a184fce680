import type { Topology } from '@simple-scheduler/contracts';
import type {
  ActionConsumer,
  ActionConsumption,
  TransportState,
  WorkerConsumption,
  WorkerTransport,
} from '../transport.ts';
import { ActionSubscription } from './action-subscription.ts';
import { CancelEar } from './cancel-ear.ts';
import { Link, type LinkOptions } from './link.ts';
import { Publisher } from './publisher.ts';
import { TopologyKeeper } from './topology-keeper.ts';

/**
 * A worker's way to the scheduler over RabbitMQ: one connection, a channel for publishing, one for cancels and one per
 * action queue.
 */
export class AmqpTransport implements WorkerTransport {
  readonly #link: Link;
  readonly #parts: ConstructorParameters<typeof Publisher>[0];
  readonly #publisher: Publisher;

  /** @throws TypeError where the URL is not one of AMQP. */
  constructor(options: LinkOptions) {
    this.#link = new Link(options);
    this.#parts = { link: this.#link, keeper: new TopologyKeeper(this.#link), log: options.log };
    this.#publisher = new Publisher(this.#parts);
  }

  async open(): Promise<void> {
    this.#link.start();
    await this.#link.whenUp();
  }

  async consumeActions(topology: Topology, consumer: ActionConsumer): Promise<ActionConsumption> {
    const subscription = new ActionSubscription(this.#parts, topology, consumer);
    await subscription.opened();
    return subscription;
  }

  async hearCancels(
    topologies: readonly Topology[],
    onMessage: (body: Uint8Array) => void,
    onBack?: () => void,
  ): Promise<WorkerConsumption> {
    const ear = new CancelEar(this.#parts, { topologies, onMessage, onBack });
    await ear.opened();
    return ear;
  }

  publish(kind: 'status' | 'heartbeat', topology: Topology, body: Uint8Array): Promise<void> {
    return this.#publisher.publish(kind, topology, body);
  }

  async close(): Promise<void> {
    await this.#link.close();
  }

  onStateChange(listener: (state: TransportState) => void): void {
    this.#link.onStateChange(listener);
  }
}
