import type { Topology } from '@simple-scheduler/contracts';
import type { Channel } from 'amqplib';
import type { WorkerLog } from '../log.ts';
import type { WorkerConsumption } from '../transport.ts';
import { settlesWithin } from '../waiting.ts';
import type { Link } from './link.ts';
import { isNotFound } from './not-found.ts';
import { StandingChannel } from './standing-channel.ts';
import type { TopologyKeeper } from './topology-keeper.ts';

const STOP_TIMEOUT_MS = 1_000;

export interface CancelHearer {
  readonly topologies: readonly Topology[];
  readonly onMessage: (body: Uint8Array) => void;
  readonly onBack: (() => void) | undefined;
}

/** Hears the cancels of all topologies on one exclusive queue, which goes with the connection and comes with the next. */
export class CancelEar implements WorkerConsumption {
  readonly #hearer: CancelHearer;
  readonly #keeper: TopologyKeeper;
  readonly #standing: StandingChannel<Channel>;
  #queue: { readonly name: string; readonly channel: Channel } | undefined;
  #hasHeard = false;
  #isStopped = false;

  constructor(
    parts: { readonly link: Link; readonly keeper: TopologyKeeper; readonly log: WorkerLog },
    hearer: CancelHearer,
  ) {
    this.#hearer = hearer;
    this.#keeper = parts.keeper;
    const plan = {
      purpose: 'cancels',
      open: (model: { createChannel(): Promise<Channel> }) => model.createChannel(),
      setUp: (channel: Channel) => this.#setUp(channel),
    };
    this.#standing = new StandingChannel(parts.link, plan, parts.log);
    const keys = new Set(hearer.topologies.map(({ key }) => key));
    this.#keeper.onThere((topology) => {
      // A job that was deleted and is back, or could not be declared at first, has exchanges without our binding.
      if (keys.has(topology.key)) this.#bind(topology).catch(() => {});
    });
  }

  /** Resolves when it hears for the first time. */
  async opened(): Promise<void> {
    await this.#standing.whenOpen();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const { channel } = this.#standing;
    const queue = this.#queue;
    if (channel === undefined || queue === undefined) return;
    this.#queue = undefined;
    await settlesWithin(channel.deleteQueue(queue.name), STOP_TIMEOUT_MS);
  }

  async #setUp(channel: Channel): Promise<void> {
    if (this.#isStopped) return;
    const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true, durable: false });
    this.#queue = { name: queue, channel };
    await Promise.all(this.#hearer.topologies.map((topology) => this.#ensureAndBind(topology)));
    await channel.consume(
      queue,
      (message) => {
        if (message !== null) this.#hearer.onMessage(message.content);
        else if (!this.#isStopped) channel.close().catch(() => {}); // to begin anew
      },
      { noAck: true },
    );
    if (this.#hasHeard) this.#hearer.onBack?.();
    this.#hasHeard = true;
  }

  async #ensureAndBind(topology: Topology): Promise<void> {
    try {
      await this.#keeper.ensure(topology);
    } catch {
      // Deleted, or refused. Whoever consumes its actions goes on trying, and says why; it is bound when that succeeds.
      return;
    }
    await this.#bind(topology);
  }

  async #bind(topology: Topology): Promise<void> {
    if (this.#queue === undefined) return;
    const { name, channel } = this.#queue;
    try {
      await channel.bindQueue(name, topology.actionExchange, 'cancel');
    } catch (error) {
      if (isNotFound(error)) this.#keeper.markGone(topology);
      throw error;
    }
  }
}
