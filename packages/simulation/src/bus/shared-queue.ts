import type { BatchHandler, IncomingMessage } from '@simple-scheduler/engine';
import type { Process } from '../world/process.ts';
import type { RandomStream } from '../world/random.ts';

interface Consumer {
  readonly process: Process;
  readonly handler: BatchHandler;
  readonly maxBatch: number;
  busy: boolean;
}

const RETRY_MS = 200;

/** A durable queue that several processes consume in batches, one batch at a time each. */
export class SharedQueue {
  readonly #random: RandomStream;
  #messages: IncomingMessage[] = [];
  #consumers: Consumer[] = [];
  readonly #unacked = new Map<Consumer, IncomingMessage[]>();
  #connected = true;
  readonly dead: { message: IncomingMessage; reason: string }[] = [];

  constructor(random: RandomStream) {
    this.#random = random;
  }

  push(message: IncomingMessage): void {
    this.#messages.push(message);
    this.#pump();
  }

  addConsumer(process: Process, handler: BatchHandler, maxBatch: number): void {
    this.#consumers.push({ process, handler, maxBatch, busy: false });
    this.#pump();
  }

  removeConsumer(process: Process): void {
    for (const consumer of this.#consumers) if (consumer.process === process) this.#giveBack(consumer);
    this.#consumers = this.#consumers.filter((consumer) => consumer.process !== process);
    this.#pump();
  }

  disconnect(): void {
    this.#connected = false;
    for (const consumer of this.#consumers) this.#giveBack(consumer);
  }

  reconnect(): void {
    this.#connected = true;
    this.#pump();
  }

  size(): number {
    return this.#messages.length + [...this.#unacked.values()].reduce((sum, list) => sum + list.length, 0);
  }

  #giveBack(consumer: Consumer): void {
    const messages = this.#unacked.get(consumer);
    if (!messages) return;
    this.#unacked.delete(consumer);
    this.#messages.unshift(...messages.map((message) => ({ ...message, redelivered: true })));
  }

  #pump(): void {
    if (!this.#connected) return;
    for (const consumer of this.#consumers) {
      if (this.#messages.length === 0) return;
      if (consumer.busy || !consumer.process.alive) continue;
      const batch = this.#messages.splice(0, this.#random.int(1, consumer.maxBatch));
      this.#unacked.set(consumer, batch);
      consumer.busy = true;
      void this.#deliver(consumer, batch);
    }
  }

  async #deliver(consumer: Consumer, batch: IncomingMessage[]): Promise<void> {
    await consumer.process.reach(this.#random.int(0, 5), undefined);
    let retry = false;
    try {
      const settlements = await consumer.handler(batch);
      if (settlements.length !== batch.length)
        throw new Error(`${batch.length} messages, ${settlements.length} settlements`);
      settlements.forEach((settlement, i) => {
        if (settlement.kind === 'dead')
          this.dead.push({ message: batch[i] as IncomingMessage, reason: settlement.reason });
      });
    } catch {
      retry = true;
    }
    await consumer.process.reach(retry ? RETRY_MS : 1, undefined);
    consumer.busy = false;
    if (this.#unacked.get(consumer) === batch) {
      if (retry) this.#giveBack(consumer);
      else this.#unacked.delete(consumer);
    }
    this.#pump();
  }
}
