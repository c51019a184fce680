export interface StoredMessage {
  readonly body: Uint8Array;
  readonly exchange: string;
  readonly routingKey: string;
  readonly messageId?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One message in the hands of one consumer. */
export interface Delivery {
  readonly message: StoredMessage;
  readonly redelivered: boolean;
  /** False once it has been settled or taken back. */
  isHeld(): boolean;
  /** Both do nothing once the message has been settled or taken back. */
  ack(): void;
  requeue(): void;
}

export interface QueueConsumer {
  readonly prefetch: number;
  onDelivery(delivery: Delivery): void;
}

export interface Attachment {
  /** While paused no deliveries; what is unacknowledged stays with the consumer. */
  setPaused(isPaused: boolean): void;
  /** No more deliveries; what is unacknowledged stays with the consumer. */
  cancel(): void;
  /** As if its connection had gone: unacknowledged messages go back to the queue. */
  detach(): void;
}

interface Entry {
  readonly sequence: number;
  readonly message: StoredMessage;
  redelivered: boolean;
}

interface Consumer {
  readonly settings: QueueConsumer;
  readonly unacked: Map<number, Entry>;
  isCancelled: boolean;
  isPaused: boolean;
}

/**
 * A queue with competing consumers, as a broker has it: each message is with one consumer at a time, at most `prefetch`
 * of them unacknowledged, taken in turn. What comes back keeps its place before younger messages.
 */
export class MemoryQueue {
  readonly name: string;
  readonly #account: (bytes: number) => void;
  #ready: Entry[] = [];
  #head = 0;
  /** Given back by consumers, by sequence; few, and older than most of `#ready`. */
  readonly #returned: Entry[] = [];
  #consumers: Consumer[] = [];
  #turn = 0;
  #sequence = 0;
  #isDispatching = false;

  /** `account` hears of bytes added and removed. */
  constructor(name: string, account: (bytes: number) => void) {
    this.name = name;
    this.#account = account;
  }

  get readyCount(): number {
    return this.#ready.length - this.#head + this.#returned.length;
  }

  get hasConsumers(): boolean {
    return this.#consumers.length > 0;
  }

  /** Messages waiting for a consumer, oldest first; they stay. */
  peek(): StoredMessage[] {
    const waiting = [...this.#returned, ...this.#ready.slice(this.#head)];
    return waiting.toSorted((a, b) => a.sequence - b.sequence).map((entry) => entry.message);
  }

  push(message: StoredMessage): void {
    this.#ready.push({ sequence: this.#sequence++, message, redelivered: false });
    this.#account(message.body.byteLength);
    this.#dispatchSoon();
  }

  /** Drops what is waiting for a consumer. */
  purge(): void {
    for (let entry = this.#take(); entry !== undefined; entry = this.#take()) {
      this.#account(-entry.message.body.byteLength);
    }
  }

  attach(settings: QueueConsumer): Attachment {
    const consumer: Consumer = { settings, unacked: new Map(), isCancelled: false, isPaused: false };
    this.#consumers.push(consumer);
    this.#dispatchSoon();
    const cancel = (): void => {
      consumer.isCancelled = true;
      this.#consumers = this.#consumers.filter((other) => other !== consumer);
    };
    const detach = (): void => {
      cancel();
      for (const entry of consumer.unacked.values()) this.#giveBack(consumer, entry);
    };
    const setPaused = (isPaused: boolean): void => {
      consumer.isPaused = isPaused;
      this.#dispatchSoon();
    };
    return { cancel, detach, setPaused };
  }

  /** Deliveries happen after the caller's step, never inside it: a consumer may publish, settle and attach freely. */
  #dispatchSoon(): void {
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    queueMicrotask(() => {
      this.#isDispatching = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    while (this.readyCount > 0) {
      const consumer = this.#nextConsumer();
      const entry = consumer === undefined ? undefined : this.#take();
      if (consumer === undefined || entry === undefined) return;
      consumer.unacked.set(entry.sequence, entry);
      consumer.settings.onDelivery({
        message: entry.message,
        redelivered: entry.redelivered,
        isHeld: () => consumer.unacked.has(entry.sequence),
        ack: () => this.#ack(consumer, entry),
        requeue: () => this.#giveBack(consumer, entry),
      });
    }
  }

  #nextConsumer(): Consumer | undefined {
    const count = this.#consumers.length;
    for (let step = 0; step < count; step++) {
      const consumer = this.#consumers[(this.#turn + step) % count];
      if (consumer === undefined || consumer.isPaused) continue;
      if (consumer.unacked.size >= consumer.settings.prefetch) continue;
      this.#turn = (this.#turn + step + 1) % count;
      return consumer;
    }
    return undefined;
  }

  #take(): Entry | undefined {
    const next = this.#ready[this.#head];
    const returned = this.#returned[0];
    if (returned !== undefined && (next === undefined || returned.sequence < next.sequence)) {
      return this.#returned.shift();
    }
    if (next === undefined) return undefined;
    this.#head++;
    if (this.#head > 1_024 && this.#head * 2 > this.#ready.length) {
      this.#ready = this.#ready.slice(this.#head);
      this.#head = 0;
    }
    return next;
  }

  #ack(consumer: Consumer, entry: Entry): void {
    if (!consumer.unacked.delete(entry.sequence)) return;
    this.#account(-entry.message.body.byteLength);
    this.#dispatchSoon();
  }

  #giveBack(consumer: Consumer, entry: Entry): void {
    if (!consumer.unacked.delete(entry.sequence)) return;
    entry.redelivered = true;
    const place = this.#returned.findIndex((other) => other.sequence > entry.sequence);
    this.#returned.splice(place === -1 ? this.#returned.length : place, 0, entry);
    this.#dispatchSoon();
  }
}
