import type { Topology } from '@simple-scheduler/contracts';
import type { Channel, ConsumeMessage } from 'amqplib';
import { reasonOf, type WorkerLog } from '../log.ts';
import type { ActionConsumer, ActionConsumption, ActionDelivery } from '../transport.ts';
import { settlesWithin } from '../waiting.ts';
import type { Link } from './link.ts';
import { isNotFound } from './not-found.ts';
import { StandingChannel } from './standing-channel.ts';
import type { TopologyKeeper } from './topology-keeper.ts';

const STOP_TIMEOUT_MS = 1_000;

/** Consumes one action queue for as long as the transport lives, over reconnects and deletions of the job. */
export class ActionSubscription implements ActionConsumption {
  readonly #topology: Topology;
  readonly #consumer: ActionConsumer;
  readonly #keeper: TopologyKeeper;
  readonly #log: WorkerLog;
  readonly #standing: StandingChannel<Channel>;
  #consumerTag: string | undefined;
  #isPaused = false;
  #isStopped = false;
  /** Requests to consume and to stop it follow each other; the last one sees the last wish. */
  #adjusting: Promise<void> = Promise.resolve();

  constructor(
    parts: { readonly link: Link; readonly keeper: TopologyKeeper; readonly log: WorkerLog },
    topology: Topology,
    consumer: ActionConsumer,
  ) {
    this.#topology = topology;
    this.#consumer = consumer;
    this.#keeper = parts.keeper;
    this.#log = parts.log;
    const plan = {
      purpose: topology.actionQueue,
      open: (model: { createChannel(): Promise<Channel> }) => model.createChannel(),
      setUp: (channel: Channel) => this.#setUp(channel),
    };
    this.#standing = new StandingChannel(parts.link, plan, parts.log);
  }

  /** Resolves when it consumes for the first time. */
  async opened(): Promise<void> {
    await this.#standing.whenOpen();
  }

  pause(): void {
    this.#isPaused = true;
    void this.#adjustNow();
  }

  resume(): void {
    this.#isPaused = false;
    void this.#adjustNow();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await settlesWithin(this.#adjustNow(), STOP_TIMEOUT_MS);
  }

  async #setUp(channel: Channel): Promise<void> {
    this.#consumerTag = undefined;
    await this.#keeper.ensure(this.#topology);
    await channel.prefetch(this.#consumer.prefetch);
    await this.#adjust(channel);
  }

  /** Never rejects: where there is no channel, or it breaks, the next one is set up by the last wish. */
  #adjustNow(): Promise<void> {
    const { channel } = this.#standing;
    if (channel === undefined) return Promise.resolve();
    return this.#adjust(channel).catch((error: unknown) => {
      this.#log.debug({ queue: this.#topology.actionQueue, reason: reasonOf(error) }, 'a consumer was not changed');
    });
  }

  #adjust(channel: Channel): Promise<void> {
    const adjusted = this.#adjusting.then(() => this.#consumeAsWished(channel));
    this.#adjusting = adjusted.catch(() => {});
    return adjusted;
  }

  async #consumeAsWished(channel: Channel): Promise<void> {
    const isWished = !this.#isPaused && !this.#isStopped;
    const consumerTag = this.#consumerTag;
    if (isWished && consumerTag === undefined) {
      const onMessage = this.#receiver(channel);
      const started = await channel.consume(this.#topology.actionQueue, onMessage).catch((error: unknown) => {
        if (isNotFound(error)) this.#keeper.markGone(this.#topology);
        throw error;
      });
      this.#consumerTag = started.consumerTag;
    } else if (!isWished && consumerTag !== undefined) {
      this.#consumerTag = undefined;
      await channel.cancel(consumerTag);
    }
  }

  #receiver(channel: Channel): (message: ConsumeMessage | null) => void {
    let isOpen = true;
    channel.on('close', () => {
      isOpen = false;
    });
    return (message) => {
      if (message === null) {
        // The queue was deleted, most likely with its job; or the node that it lived on is away.
        this.#log.info({ queue: this.#topology.actionQueue }, 'the queue is gone; waiting for it to be back');
        this.#keeper.markGone(this.#topology);
        channel.close().catch(() => {});
        return;
      }
      this.#consumer.onMessage(deliveryOf(channel, message, () => isOpen));
    };
  }
}

function deliveryOf(channel: Channel, message: ConsumeMessage, isOpen: () => boolean): ActionDelivery {
  let isSettled = false;
  const settle = (settlement: () => void): void => {
    if (isSettled || !isOpen()) return;
    isSettled = true;
    try {
      settlement();
    } catch {
      // The channel is closing: the broker gives the message to somebody else.
    }
  };
  return {
    body: message.content,
    redelivered: message.fields.redelivered,
    isHeld: () => !isSettled && isOpen(),
    ack: () => settle(() => channel.ack(message)),
    // Not `reject`: that counts as a failure, and quorum queues drop what has failed too often.
    giveBack: () => settle(() => channel.nack(message, false, true)),
  };
}
