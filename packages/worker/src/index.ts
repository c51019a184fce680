export { createWorker } from './create-worker.ts';
export type { RunEnded, WorkerEvents, WorkerState } from './events.ts';
export { type AbortReason, type JobHandler, type Run, RunAbortedError, type RunContext } from './handler.ts';
export type { WorkerLog } from './log.ts';
export type { JobHandlers, WorkerOptions } from './options.ts';
export { NoRetryError, RetryLaterError } from './retry-wishes.ts';
export {
  type ActionConsumer,
  type ActionConsumption,
  type ActionDelivery,
  type TransportState,
  UnroutableError,
  type WorkerConsumption,
  type WorkerTransport,
} from './transport.ts';
export type { Worker } from './worker.ts';
