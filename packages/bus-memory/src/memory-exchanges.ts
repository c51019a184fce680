import { SHARED_NAMES, type Topology } from '@simple-scheduler/contracts';
import { MemoryQueue, type StoredMessage } from './memory-queue.ts';
import { topicMatches } from './topic-pattern.ts';

interface Exchange {
  readonly type: 'topic' | 'fanout';
  readonly bindings: { readonly queue: MemoryQueue; readonly pattern: string }[];
}

/** Exchanges, queues and bindings: what a broker knows of, however many clients use it. */
export class MemoryExchanges {
  readonly #exchanges = new Map<string, Exchange>();
  readonly #queues = new Map<string, MemoryQueue>();
  readonly #account: (bytes: number) => void;
  #unnamed = 0;

  constructor(account: (bytes: number) => void) {
    this.#account = account;
    this.declareExchange(SHARED_NAMES.controlExchange, 'fanout');
    for (const name of [SHARED_NAMES.statusQueue, SHARED_NAMES.heartbeatQueue, SHARED_NAMES.deadLetterQueue]) {
      this.declareQueue(name);
    }
  }

  declareExchange(name: string, type: 'topic' | 'fanout' = 'topic'): void {
    if (!this.#exchanges.has(name)) this.#exchanges.set(name, { type, bindings: [] });
  }

  hasExchange(name: string): boolean {
    return this.#exchanges.has(name);
  }

  deleteExchange(name: string): void {
    this.#exchanges.delete(name);
  }

  /** Without a name: a new queue that nobody else knows. */
  declareQueue(name = `unnamed-${this.#unnamed++}`): MemoryQueue {
    const queue = this.#queues.get(name) ?? new MemoryQueue(name, this.#account);
    this.#queues.set(name, queue);
    return queue;
  }

  /** Its messages and bindings go. Consumers stay and hear again what comes to a queue of that name. */
  deleteQueue(name: string): void {
    const queue = this.#queues.get(name);
    if (queue === undefined) return;
    queue.purge();
    for (const exchange of this.#exchanges.values()) {
      for (let i = exchange.bindings.length - 1; i >= 0; i--) {
        if (exchange.bindings[i]?.queue === queue) exchange.bindings.splice(i, 1);
      }
    }
    if (!queue.hasConsumers) this.#queues.delete(name);
  }

  /** @throws where the exchange does not exist. */
  bind(queue: MemoryQueue, exchangeName: string, pattern = '#'): void {
    const exchange = this.#exchanges.get(exchangeName);
    if (exchange === undefined) throw new Error(`There is no exchange ${exchangeName}`);
    const isBound = exchange.bindings.some((binding) => binding.queue === queue && binding.pattern === pattern);
    if (!isBound) exchange.bindings.push({ queue, pattern });
  }

  /** Puts the message into each queue that it matches, once. Returns into how many; an unknown exchange takes it nowhere. */
  publish(message: StoredMessage): number {
    const exchange = this.#exchanges.get(message.exchange);
    if (exchange === undefined) return 0;
    const matches = exchange.bindings.filter(
      (binding) => exchange.type === 'fanout' || topicMatches(binding.pattern, message.routingKey),
    );
    const queues = new Set(matches.map((binding) => binding.queue));
    for (const queue of queues) queue.push(message);
    return queues.size;
  }

  /** What a worker declares: the exchanges, and the queue that keeps actions. */
  declareForWorkers(topology: Topology): MemoryQueue {
    for (const name of [topology.actionExchange, topology.statusExchange, topology.heartbeatExchange]) {
      this.declareExchange(name);
    }
    const queue = this.declareQueue(topology.actionQueue);
    this.bind(queue, topology.actionExchange);
    return queue;
  }

  /** What a scheduler declares: the same, with statuses and heartbeats going to the shared queues. */
  declareForSchedulers(topology: Topology): void {
    this.declareForWorkers(topology);
    this.bind(this.declareQueue(SHARED_NAMES.statusQueue), topology.statusExchange);
    this.bind(this.declareQueue(SHARED_NAMES.heartbeatQueue), topology.heartbeatExchange);
  }

  deleteTopology(topology: Topology): void {
    this.deleteQueue(topology.actionQueue);
    for (const name of [topology.actionExchange, topology.statusExchange, topology.heartbeatExchange]) {
      this.deleteExchange(name);
    }
  }
}
