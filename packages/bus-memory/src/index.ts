export { createMemoryBroker, createMemoryBus, type DeadLetter, type MemoryBroker } from './memory-broker.ts';
export type { MemoryBrokerOptions, Timers } from './options.ts';
export type {
  MemoryActionConsumer,
  MemoryActionConsumption,
  MemoryActionDelivery,
  MemoryConsumption,
  MemoryWorkerTransport,
} from './memory-worker-transport.ts';
export type { MemoryExchanges } from './memory-exchanges.ts';
export type { Attachment, Delivery, MemoryQueue, QueueConsumer, StoredMessage } from './memory-queue.ts';
