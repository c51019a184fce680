import { IllegalOperationError, type ConfirmChannel, type Message } from 'amqplib';
import { describeError, missingExchange, NOT_FOUND, replyCode } from './amqp-errors.ts';
import { backoffMs } from './backoff.ts';
import type { Deadline } from './deadline.ts';
import type { Link } from './link.ts';
import type { RabbitSettings } from './options.ts';
import { type Fate, type Publication, PublicationBatch } from './publication.ts';

/** One publication on the channel. */
interface Sent {
  readonly batch: PublicationBatch;
  readonly index: number;
  readonly publication: Publication;
  isReturned: boolean;
}

/** Confirms that never came, past which a channel that works otherwise is given up. */
const ABANDONED_MAX_WINDOWS = 4;
const REOPEN = { firstMs: 20, maxMs: 2_000 };

/**
 * Sends publications over one confirm channel, a window of them at a time, in the order of their batches. It sends
 * nothing while the connection is blocked or its buffer is full, so that memory is bounded by the callers' deadlines.
 */
export class Publisher {
  readonly #link: Link;
  readonly #settings: RabbitSettings;
  readonly #waiting = new Set<PublicationBatch>();
  readonly #sent = new Set<Sent>();
  /** Why the broker closed channels; not there for those that ended with their connection. */
  readonly #endings = new WeakMap<ConfirmChannel, Error>();
  #channel: ConfirmChannel | undefined;
  #isOpening = false;
  #openedAt = 0;
  /** Channels in a row that did not last. */
  #shortLived = 0;
  #isFull = false;
  #inWindow = 0;
  #abandoned = 0;
  /** Why the broker last closed a channel, until it confirms something: the same again is nothing new. */
  #told: string | undefined;

  constructor(link: Link, settings: RabbitSettings) {
    this.#link = link;
    this.#settings = settings;
    link.onChange(() => this.#pump());
  }

  /** Resolves with the fate of each, at the latest with the deadline. Never rejects. */
  async send(publications: readonly Publication[], deadline: Deadline): Promise<Fate[]> {
    if (deadline.isOver) return publications.map(() => 'late');
    const batch = new PublicationBatch(publications, deadline, (outstanding) => this.#giveUp(batch, outstanding));
    this.#waiting.add(batch);
    this.#pump();
    return batch.settled;
  }

  #pump(): void {
    if (this.#link.model !== undefined && this.#channel === undefined) void this.#open();
    for (const batch of this.#waiting) {
      while (this.#channel !== undefined && this.#hasRoom()) {
        const index = batch.takeNext();
        if (index === undefined) break;
        this.#publish(this.#channel, batch, index);
      }
      if (this.#channel === undefined || !this.#hasRoom()) return;
      this.#waiting.delete(batch); // all of it is sent
      batch.finishIfDone();
    }
  }

  #hasRoom(): boolean {
    return !this.#isFull && !this.#link.isBlocked && this.#inWindow < this.#settings.window;
  }

  #publish(channel: ConfirmChannel, batch: PublicationBatch, index: number): void {
    const publication = batch.publications[index] as Publication;
    const sent: Sent = { batch, index, publication, isReturned: false };
    const { exchange, routingKey, content, options } = publication;
    this.#sent.add(sent);
    this.#inWindow++;
    try {
      const callback = (error: unknown): void => this.#settle(channel, sent, error);
      this.#isFull = !channel.publish(exchange, routingKey, content, options, callback);
    } catch (error) {
      const isClosing = error instanceof IllegalOperationError;
      if (isClosing) this.#leave(channel);
      else this.#settings.log.error({ reason: describeError(error), exchange }, 'a message cannot be written');
      this.#finish(sent, isClosing ? 'lost' : 'refused');
    }
  }

  /** The broker's answer, or the end of the channel, which answers for everything that was outstanding on it. */
  #settle(channel: ConfirmChannel, sent: Sent, error: unknown): void {
    if (error === null) {
      this.#told = undefined;
      this.#finish(sent, sent.isReturned ? 'returned' : 'confirmed');
    } else this.#finish(sent, isNack(error) ? 'refused' : this.#fateAtEnd(channel, sent));
    this.#pump();
  }

  #fateAtEnd(channel: ConfirmChannel, sent: Sent): Fate {
    const error = this.#endings.get(channel);
    if (error === undefined) return 'lost';
    if (replyCode(error) !== NOT_FOUND) return 'suspect';
    const missing = missingExchange(error);
    return missing === undefined || missing === sent.publication.exchange ? 'missing' : 'lost';
  }

  #finish(sent: Sent, fate: Fate): void {
    if (!this.#sent.delete(sent)) return;
    if (sent.batch.isOver) this.#abandoned--;
    else this.#inWindow--;
    sent.batch.settle(sent.index, fate);
    if (fate !== 'confirmed' && this.#waiting.delete(sent.batch)) sent.batch.finishIfDone();
  }

  /** Past its deadline a publication no longer takes room: a queue that never confirms must not stop all others. */
  #giveUp(batch: PublicationBatch, outstanding: number): void {
    this.#waiting.delete(batch);
    this.#inWindow -= outstanding;
    this.#abandoned += outstanding;
    if (this.#abandoned > this.#settings.window * ABANDONED_MAX_WINDOWS) {
      this.#settings.log.warn(
        { abandoned: this.#abandoned },
        'too many messages were never confirmed; opening a new channel',
      );
      this.#channel?.close().catch(() => {});
    }
    this.#pump();
  }

  async #open(): Promise<void> {
    if (this.#isOpening) return;
    this.#isOpening = true;
    try {
      const opening = this.#link.openConfirmChannel();
      opening.catch(() => {});
      if (this.#shortLived > 0) await this.#pause();
      this.#use(await opening);
    } catch (error) {
      this.#settings.log.debug({ reason: describeError(error) }, 'no channel for publishing yet');
      this.#shortLived++;
    } finally {
      this.#isOpening = false;
    }
    // Where the connection went meanwhile, this waits for the next one; where it did not, it tries again.
    this.#pump();
  }

  async #pause(): Promise<void> {
    const delayMs = backoffMs(this.#shortLived - 1, REOPEN, this.#settings.random);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }

  #use(channel: ConfirmChannel): void {
    const { log } = this.#settings;
    this.#channel = channel;
    this.#openedAt = performance.now();
    this.#isFull = false;
    // 'error' comes first. The next channel is opened within it, while the number of this one is still taken: its last
    // frames may not be out yet. Then amqplib calls back everything outstanding, and then comes 'close'.
    channel.on('error', (error) => {
      this.#endings.set(channel, error);
      this.#tell(error);
      this.#leave(channel);
      void this.#open();
    });
    channel.on('close', () => {
      this.#leave(channel);
      this.#pump();
    });
    channel.on('return', (message) => this.#markReturned(message));
    channel.on('drain', () => {
      this.#isFull = false;
      this.#pump();
    });
    channel.on('handler-error', (error, event) => {
      log.error({ reason: describeError(error), event }, 'a handler of the publishing channel threw');
    });
  }

  #tell(error: unknown): void {
    const { log } = this.#settings;
    const reason = describeError(error);
    if (missingExchange(error) !== undefined) log.info({ reason }, 'an exchange is gone and will be declared again');
    else if (reason === this.#told) log.debug({ reason }, 'RabbitMQ closed the channel for publishing again');
    else log.error({ reason }, 'RabbitMQ closed the channel for publishing');
    this.#told = reason;
  }

  #leave(channel: ConfirmChannel): void {
    if (this.#channel !== channel) return;
    this.#channel = undefined;
    // A missing exchange costs each message one failure at most, so it needs no brake.
    const isBraked = missingExchange(this.#endings.get(channel)) === undefined;
    const hasLasted = performance.now() - this.#openedAt > REOPEN.maxMs;
    this.#shortLived = hasLasted || !isBraked ? 0 : this.#shortLived + 1;
  }

  /** The broker returns a message before it confirms it; copies with the same id and way are alike, so the oldest will do. */
  #markReturned({ fields, properties }: Message): void {
    for (const sent of this.#sent) {
      const { exchange, routingKey, options } = sent.publication;
      const isIt = exchange === fields.exchange && routingKey === fields.routingKey;
      if (!isIt || options.messageId !== properties.messageId || sent.isReturned) continue;
      sent.isReturned = true;
      return;
    }
  }
}

function isNack(error: unknown): boolean {
  return error instanceof Error && error.message === 'message nacked';
}
