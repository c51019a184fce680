import { SHARED_NAMES } from '@simple-scheduler/contracts';
import type { MessageBus } from '@simple-scheduler/engine';
import { BrokerCondition } from './broker-condition.ts';
import { MemoryBus } from './memory-bus.ts';
import { MemoryExchanges } from './memory-exchanges.ts';
import { MemoryWorkerTransport } from './memory-worker-transport.ts';
import { type BrokerSettings, type MemoryBrokerOptions, settingsOf } from './options.ts';

export interface DeadLetter {
  readonly body: Uint8Array;
  readonly reason: string;
  readonly originalExchange: string;
}

/** What endpoints share. */
export interface BrokerParts {
  readonly exchanges: MemoryExchanges;
  readonly condition: BrokerCondition;
  readonly settings: BrokerSettings;
}

/**
 * A broker within this process, for the standalone service, tests and simulations: no connection, nothing kept over
 * the end of the process, otherwise the behaviour of the real one.
 */
export interface MemoryBroker {
  /** A new endpoint for a service. */
  bus(): MessageBus;
  /** A new endpoint for a worker. */
  worker(): MemoryWorkerTransport;
  /** Exchanges and queues as any client of the broker may use them: what tests look into and disturb. */
  readonly exchanges: MemoryExchanges;
  /** What is in the dead-letter queue, oldest first; it stays there. */
  deadLetters(): DeadLetter[];
  /** As if every connection broke: nothing gets in or out until `resume`, and unacknowledged messages go back. */
  interrupt(): void;
  resume(): void;
}

export function createMemoryBroker(options: MemoryBrokerOptions = {}): MemoryBroker {
  const settings = settingsOf(options);
  const condition = new BrokerCondition(settings.maxBytes);
  const exchanges = new MemoryExchanges((bytes) => condition.account(bytes));
  const parts: BrokerParts = { exchanges, condition, settings };
  return {
    bus: () => new MemoryBus(parts),
    worker: () => new MemoryWorkerTransport(parts),
    exchanges,
    deadLetters: () => readDeadLetters(exchanges),
    interrupt: () => condition.setUp(false),
    resume: () => condition.setUp(true),
  };
}

/** A bus that shares its broker with nobody. */
export function createMemoryBus(options: MemoryBrokerOptions = {}): MessageBus {
  return createMemoryBroker(options).bus();
}

function readDeadLetters(exchanges: MemoryExchanges): DeadLetter[] {
  const messages = exchanges.declareQueue(SHARED_NAMES.deadLetterQueue).peek();
  return messages.map(({ body, headers }) => ({
    body,
    reason: headers?.['x-reason'] ?? '',
    originalExchange: headers?.['x-original-exchange'] ?? '',
  }));
}
