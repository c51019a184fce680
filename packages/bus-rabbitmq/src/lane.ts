import type { Channel } from 'amqplib';
import { describeError, NoAnswerError } from './amqp-errors.ts';
import { within } from './deadline.ts';
import type { Link } from './link.ts';
import type { RabbitSettings } from './options.ts';

/** How long the broker may take for one unit of work before the channel is given up. */
const ANSWER_TIMEOUT_MS = 30_000;
/** How long it may take to end a channel in good order. */
const GOODBYE_TIMEOUT_MS = 1_000;

/** A channel for requests, opened when it is needed, and again after the broker has closed it. */
export class Lane {
  readonly #link: Link;
  readonly #settings: RabbitSettings;
  #channel: Channel | undefined;
  #opening: Promise<Channel> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(link: Link, settings: RabbitSettings) {
    this.#link = link;
    this.#settings = settings;
  }

  /**
   * Runs after the work that was given before it.
   * @throws what the broker answered, or NoAnswerError.
   */
  async run<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#runNow(work));
    this.#last = result.catch(() => {});
    return result;
  }

  /**
   * Ends the channel. The broker answers that after it has taken what was sent on it, while the end of a connection
   * overtakes what its channels still have to send.
   */
  async close(): Promise<void> {
    const closing = this.#last.then(async () => {
      const channel = this.#channel;
      if (channel === undefined || this.#link.isBlocked) return;
      this.#leave(channel);
      await channel.close();
    });
    await within(closing, GOODBYE_TIMEOUT_MS, undefined).catch(() => {});
  }

  async #runNow<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    const channel = await this.#open();
    const working = work(channel).then(
      (value) => ({ value }),
      (error: unknown) => {
        throw (error as { code?: unknown }).code === undefined ? new NoAnswerError(describeError(error)) : error;
      },
    );
    const result = await within(working, ANSWER_TIMEOUT_MS, undefined);
    if (result !== undefined) return result.value;
    this.#leave(channel);
    channel.close().catch(() => {});
    throw new NoAnswerError(`RabbitMQ did not answer within ${ANSWER_TIMEOUT_MS} ms`);
  }

  async #open(): Promise<Channel> {
    if (this.#channel !== undefined) return this.#channel;
    this.#opening ??= this.#openAnother().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #openAnother(): Promise<Channel> {
    const channel = await this.#link.openChannel();
    // Whoever made the request hears of it. The next channel is opened here, while the number of this one is still taken:
    // its last frames may not be out yet (see `Link`).
    channel.on('error', () => {
      this.#leave(channel);
      this.#open().catch(() => {}); // else when it is needed
    });
    channel.on('close', () => this.#leave(channel));
    channel.on('handler-error', (error, event) => {
      this.#settings.log.error({ reason: describeError(error), event }, 'a handler of a RabbitMQ channel threw');
    });
    this.#channel = channel;
    return channel;
  }

  #leave(channel: Channel): void {
    if (this.#channel === channel) this.#channel = undefined;
  }
}
