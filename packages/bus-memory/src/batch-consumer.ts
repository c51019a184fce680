import type { BatchHandler, Consumption, IncomingMessage, Log, Settlement } from '@simple-scheduler/engine';
import { consumeLastingly, type LastingConsumer } from './attachments.ts';
import type { BrokerParts } from './memory-broker.ts';
import type { Delivery, MemoryQueue } from './memory-queue.ts';

export interface BatchConsumerPlan {
  queue(): MemoryQueue;
  readonly handler: BatchHandler;
  readonly maxBatch: number;
  deadLetter(message: Delivery['message'], reason: string): void;
}

/** Hands what a queue delivers to a handler in batches, one at a time, and settles each message by its answer. */
export class BatchConsumer implements Consumption {
  readonly #parts: BrokerParts;
  readonly #plan: BatchConsumerPlan;
  readonly #consumer: LastingConsumer;
  readonly #log: Log | undefined;
  #buffer: Delivery[] = [];
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(parts: BrokerParts, plan: BatchConsumerPlan) {
    this.#parts = parts;
    this.#plan = plan;
    this.#log = parts.settings.log;
    this.#consumer = consumeLastingly(parts, {
      prefetch: parts.settings.prefetch,
      queue: () => plan.queue(),
      onDelivery: (delivery) => {
        this.#buffer.push(delivery);
        this.#run();
      },
      onLost: () => {
        this.#buffer = []; // the queue has taken them back
      },
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#consumer.cancel();
    for (const delivery of this.#buffer.splice(0).toReversed()) delivery.requeue();
    await this.#running;
    this.#consumer.end(); // gives back what waits for its retry
  }

  #run(): void {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
      if (this.#buffer.length > 0 && !this.#isStopped) this.#run(); // came between the last look and here
    });
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // the queue delivers what it has in one step: let it, so that the first batch is a whole one
    while (this.#buffer.length > 0 && !this.#isStopped) {
      const batch = this.#buffer.splice(0, this.#plan.maxBatch);
      const settlements = await this.#answer(batch);
      if (settlements === undefined) {
        for (const delivery of batch) this.#retryLater(delivery);
        await this.#pause(); // whatever failed would most likely fail the next batch too
      } else {
        for (const [i, delivery] of batch.entries()) this.#settle(delivery, settlements[i] ?? { kind: 'retry' });
      }
    }
  }

  async #answer(batch: readonly Delivery[]): Promise<readonly Settlement[] | undefined> {
    const messages = batch.map(
      ({ message, redelivered }): IncomingMessage => ({ body: message.body, exchange: message.exchange, redelivered }),
    );
    try {
      return await this.#plan.handler(messages);
    } catch (error) {
      this.#log?.warn({ err: error, messages: batch.length }, 'a batch of messages failed and will be delivered again');
      return undefined;
    }
  }

  #settle(delivery: Delivery, settlement: Settlement): void {
    switch (settlement.kind) {
      case 'ack':
        return delivery.ack();
      case 'retry':
        return this.#retryLater(delivery);
      case 'dead':
        this.#plan.deadLetter(delivery.message, settlement.reason);
        return delivery.ack();
    }
  }

  #retryLater(delivery: Delivery): void {
    const { timers, retryDelayMs } = this.#parts.settings;
    timers.set(() => delivery.requeue(), retryDelayMs);
  }

  async #pause(): Promise<void> {
    const { timers, retryDelayMs } = this.#parts.settings;
    await new Promise<void>((resolve) => timers.set(resolve, retryDelayMs));
  }
}
