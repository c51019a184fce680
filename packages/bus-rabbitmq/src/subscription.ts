import type { Channel, ConsumeMessage, Options } from 'amqplib';
import { describeError, TopologyRefusedError } from './amqp-errors.ts';
import { backoffMs } from './backoff.ts';
import { within } from './deadline.ts';
import type { Link } from './link.ts';
import type { RabbitSettings } from './options.ts';

/** How long the broker may take to end a consumer or a channel in good order. */
const GOODBYE_TIMEOUT_MS = 5_000;
const RESUBSCRIBE = { firstMs: 50, maxMs: 10_000 };

export interface SubscriptionPlan {
  /** For logs. */
  readonly what: string;
  /** Declares what is needed and returns the queue's name; called for each channel. */
  prepare(channel: Channel): Promise<string>;
  /** Asked for each channel. */
  options(): Options.Consume;
  onMessage(message: ConsumeMessage, channel: Channel): void;
  /** The channel is gone: the broker has taken back what was not acknowledged on it. */
  onLost(): void;
  /** The broker ended the consumer while all else is well: the queue was deleted, or moved away. */
  onCancelled?(): void;
}

/** A consumer on a channel of its own, which comes back with the connection, the channel and the queue. */
export class Subscription {
  readonly #link: Link;
  readonly #settings: RabbitSettings;
  readonly #plan: SubscriptionPlan;
  #channel: Channel | undefined;
  #consumerTag: string | undefined;
  #isStopped = false;
  #failures = 0;
  #retryTimer: NodeJS.Timeout | undefined;
  #attempt: Promise<void> | undefined;
  readonly #unsubscribe: () => void;

  constructor(link: Link, settings: RabbitSettings, plan: SubscriptionPlan) {
    this.#link = link;
    this.#settings = settings;
    this.#plan = plan;
    this.#unsubscribe = link.onChange(() => this.#subscribeSoon());
    this.#subscribeSoon();
  }

  /** Resolves when the attempt that is running has succeeded or failed; at once where none is. */
  async firstAttempt(): Promise<void> {
    await this.#attempt;
  }

  /** Begins anew on another channel. What was delivered and is not acknowledged goes back to the queue. */
  renew(): void {
    const channel = this.#channel;
    if (this.#isStopped || channel === undefined) return;
    this.#lose(channel);
    channel.close().catch(() => {});
  }

  /** No more deliveries; acknowledgements still get through until `close`. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#unsubscribe();
    clearTimeout(this.#retryTimer);
    await within(this.#attempt ?? Promise.resolve(), GOODBYE_TIMEOUT_MS, undefined);
    const [channel, tag] = [this.#channel, this.#consumerTag];
    if (channel === undefined || tag === undefined) return;
    this.#consumerTag = undefined;
    await within(channel.cancel(tag), GOODBYE_TIMEOUT_MS, undefined).catch(() => {});
  }

  /** Unacknowledged messages go back to the queue. */
  async close(): Promise<void> {
    await this.stop();
    const channel = this.#channel;
    this.#channel = undefined;
    if (channel !== undefined) await within(channel.close(), GOODBYE_TIMEOUT_MS, undefined).catch(() => {});
  }

  #subscribeSoon(): void {
    if (this.#isStopped || this.#attempt !== undefined || this.#channel !== undefined) return;
    if (this.#link.model === undefined) return;
    clearTimeout(this.#retryTimer);
    this.#attempt = this.#subscribe()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#attempt = undefined;
      });
  }

  async #subscribe(): Promise<void> {
    const channel = await this.#link.openChannel();
    this.#channel = channel;
    channel.on('error', (error) => this.#log('RabbitMQ closed the channel of a consumer', error));
    channel.on('handler-error', (error) => this.#log('a message handler threw', error));
    channel.on('close', () => this.#lose(channel));
    const queue = await this.#plan.prepare(channel);
    const onMessage = (message: ConsumeMessage | null): void => {
      if (message === null) this.#cancelled(channel);
      else if (this.#channel === channel) this.#plan.onMessage(message, channel);
    };
    const { consumerTag } = await channel.consume(queue, onMessage, this.#plan.options());
    this.#consumerTag = consumerTag;
    this.#failures = 0;
  }

  /** What was prepared on this channel may be gone with the queue: begin anew on another. */
  #cancelled(channel: Channel): void {
    this.#settings.log.warn({ consumer: this.#plan.what }, 'RabbitMQ ended a consumer; declaring its queue again');
    this.#consumerTag = undefined;
    this.#plan.onCancelled?.();
    channel.close().catch(() => {}); // its end comes back as 'close'
  }

  #lose(channel: Channel): void {
    if (this.#channel !== channel) return;
    this.#channel = undefined;
    this.#consumerTag = undefined;
    this.#plan.onLost();
    this.#retryLater();
  }

  #fail(error: unknown): void {
    // A refusal has been told already, by whoever knows what was refused.
    if (!(error instanceof TopologyRefusedError)) this.#log('a consumer could not be started', error);
    const channel = this.#channel;
    this.#channel = undefined;
    if (channel !== undefined) {
      this.#plan.onLost();
      channel.close().catch(() => {});
    }
    this.#retryLater();
  }

  /** Not needed where the connection is gone too: its return comes first. */
  #retryLater(): void {
    if (this.#isStopped) return;
    const delayMs = backoffMs(this.#failures++, RESUBSCRIBE, this.#settings.random);
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#subscribeSoon(), delayMs);
  }

  #log(message: string, error: unknown): void {
    this.#settings.log.warn({ consumer: this.#plan.what, reason: describeError(error) }, message);
  }
}
