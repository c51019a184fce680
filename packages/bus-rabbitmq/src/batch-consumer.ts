import type { BatchHandler, Consumption, IncomingMessage, Settlement } from '@simple-scheduler/engine';
import { IllegalOperationError, type Channel, type ConsumeMessage } from 'amqplib';
import { planAcks } from './ack-plan.ts';
import { describeError } from './amqp-errors.ts';
import type { ConsumerRank } from './consumer-rank.ts';
import type { RabbitSettings } from './options.ts';
import { Pause } from './pause.ts';
import type { Subscription, SubscriptionPlan } from './subscription.ts';

/** Longest pause after a handler that keeps failing. */
const PAUSE_MAX_MS = 5_000;
/** A batch of that many gains next to nothing by more. */
const LARGE = 250;

export interface BatchConsumerPlan {
  readonly handler: BatchHandler;
  readonly maxBatch: number;
  /** Where the subscription's priority depends on how the batches end. */
  readonly rank?: ConsumerRank;
  subscribe(plan: Pick<SubscriptionPlan, 'onMessage' | 'onLost'>): Subscription;
  /** Resolves with whether the dead-letter queue has it. Never rejects. */
  deadLetter(message: ConsumeMessage, reason: string): Promise<boolean>;
}

/**
 * Hands what a queue delivers to a handler in batches, one at a time, and settles each message by its answer. An idle
 * consumer calls the handler at once. A batch costs much the same whether one message is in it or fifty, so that where
 * messages keep coming, one at a time would leave no time for anything else: then batches begin at a distance, and grow by
 * what arrives meanwhile. Where there is enough for a large one, nothing waits.
 */
export class BatchConsumer implements Consumption {
  readonly #plan: BatchConsumerPlan;
  readonly #settings: RabbitSettings;
  readonly #subscription: Subscription;
  #buffer: ConsumeMessage[] = [];
  /** Where the buffer came from; answers to what another channel delivered are void. */
  #channel: Channel | undefined;
  /** Delivered on this channel, answered, and neither acknowledged nor given back yet. */
  #held = new Set<ConsumeMessage>();
  readonly #burying = new Set<Promise<void>>();
  #running: Promise<void> | undefined;
  #failures = 0;
  #isStopped = false;
  readonly #pause = new Pause();
  /** When the last batch began, by `performance.now()`. */
  #beganAt = Number.NEGATIVE_INFINITY;
  readonly #gathering = new Pause();

  constructor(plan: BatchConsumerPlan, settings: RabbitSettings) {
    this.#plan = plan;
    this.#settings = settings;
    this.#subscription = plan.subscribe({
      onMessage: (message, channel) => {
        this.#channel = channel;
        this.#buffer.push(message);
        if (this.#isLarge()) this.#gathering.end();
        this.#run();
      },
      onLost: () => {
        this.#channel = undefined;
        this.#buffer = [];
        this.#held = new Set();
      },
    });
  }

  async started(): Promise<void> {
    await this.#subscription.firstAttempt();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#pause.end();
    this.#gathering.end();
    await this.#subscription.stop();
    await this.#running;
    await Promise.all(this.#burying);
    await this.#subscription.close(); // gives back what is in the buffer and what waits for its retry
  }

  #run(): void {
    if (this.#isStopped) return;
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
      if (this.#buffer.length > 0) this.#run(); // came between the last look and here
    });
  }

  async #drain(): Promise<void> {
    // One read of the socket brings many messages, each with a call of its own: let it end, so that they go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (await this.#gather()) {
      this.#beganAt = performance.now();
      const channel = this.#channel;
      const batch = this.#buffer.splice(0, this.#plan.maxBatch);
      const settlements = await this.#answer(batch);
      if (channel === undefined || channel !== this.#channel) continue; // the broker has taken the batch back
      this.#settle(channel, batch, settlements ?? []);
      if (this.#plan.rank?.note(settlements !== undefined)) await this.#subscribeAgain();
      if (settlements === undefined) await this.#pauseAfterFailure();
    }
  }

  #isLarge(): boolean {
    return this.#buffer.length >= Math.min(LARGE, this.#plan.maxBatch);
  }

  /** Resolves when the next batch may begin, with whether there is one. */
  async #gather(): Promise<boolean> {
    const isToBegin = (): boolean => this.#buffer.length > 0 && !this.#isStopped;
    const leftMs = Math.ceil(this.#beganAt + this.#settings.batchDistanceMs - performance.now());
    if (isToBegin() && leftMs > 0 && !this.#isLarge()) await this.#gathering.wait(leftMs);
    return isToBegin();
  }

  async #answer(batch: readonly ConsumeMessage[]): Promise<readonly Settlement[] | undefined> {
    const messages = batch.map(
      ({ content, fields }): IncomingMessage => ({
        body: content,
        exchange: fields.exchange,
        redelivered: fields.redelivered,
      }),
    );
    try {
      const settlements = await this.#plan.handler(messages);
      this.#failures = 0;
      return settlements;
    } catch (error) {
      this.#failures++;
      const fields = { reason: describeError(error), messages: batch.length };
      this.#settings.log.warn(fields, 'a batch of messages failed and will be delivered again');
      return undefined;
    }
  }

  #settle(channel: Channel, batch: readonly ConsumeMessage[], answers: readonly Settlement[]): void {
    const settlements = batch.map((_, i): Settlement => answers[i] ?? { kind: 'retry' });
    const kinds = settlements.map(({ kind }) => kind);
    const { upTo, singles } = planAcks(kinds, this.#held.size > 0);
    if (upTo !== undefined) this.#send(channel, (open) => open.ack(batch[upTo] as ConsumeMessage, true));
    for (const i of singles) this.#send(channel, (open) => open.ack(batch[i] as ConsumeMessage));

    const retries: ConsumeMessage[] = [];
    for (const [i, message] of batch.entries()) {
      const settlement = settlements[i] as Settlement;
      if (settlement.kind === 'ack') continue;
      this.#held.add(message);
      if (settlement.kind === 'retry') retries.push(message);
      else this.#bury(channel, message, settlement.reason);
    }
    if (retries.length > 0) this.#giveBackLater(channel, retries);
  }

  #giveBackLater(channel: Channel, messages: readonly ConsumeMessage[]): void {
    setTimeout(() => {
      for (const message of messages) {
        if (this.#held.delete(message)) this.#send(channel, (open) => open.nack(message, false, true));
      }
    }, this.#settings.retryDelayMs);
  }

  /** The queue goes on meanwhile; the message is acknowledged only when the dead-letter queue has it. */
  #bury(channel: Channel, message: ConsumeMessage, reason: string): void {
    const burying = this.#plan.deadLetter(message, reason).then((isBuried) => {
      if (!this.#held.has(message)) return;
      if (!isBuried) return this.#giveBackLater(channel, [message]);
      this.#held.delete(message);
      this.#send(channel, (open) => open.ack(message));
    });
    this.#burying.add(burying);
    void burying.finally(() => this.#burying.delete(burying));
  }

  /** A channel that is closed gives everything back by itself. */
  #send(channel: Channel, send: (channel: Channel) => void): void {
    try {
      send(channel);
    } catch (error) {
      if (!(error instanceof IllegalOperationError)) throw error;
    }
  }

  /** By its new priority. The broker takes back what is held or in the buffer here, and gives it to whom it now serves first. */
  async #subscribeAgain(): Promise<void> {
    await Promise.all(this.#burying);
    this.#subscription.renew();
  }

  /** Whatever failed would most likely fail the next batch too, so the queue keeps it for a while. */
  async #pauseAfterFailure(): Promise<void> {
    if (this.#isStopped) return;
    const delayMs = Math.min(PAUSE_MAX_MS, this.#settings.retryDelayMs * 2 ** Math.min(this.#failures - 1, 20));
    await this.#pause.wait(delayMs);
  }
}
