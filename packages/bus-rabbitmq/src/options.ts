import type { Log, Meter } from '@simple-scheduler/engine';

export interface RabbitBusOptions {
  /** `amqp://user:password@host:port/vhost` or `amqps://…`. */
  readonly url: string;
  /** Shown by the broker beside each connection. Default `simple-scheduler`. */
  readonly connectionName?: string;
  readonly log?: Log;
  readonly meter?: Meter;
  /** From `publishActions` to the answer for its last message. Default 10,000. */
  readonly publishDeadlineMs?: number;
  /** Publications sent and not yet confirmed, over all callers. Default 2,000. */
  readonly window?: number;
  /** Unacknowledged messages of one consumer of a shared queue: a batch and what arrives during it. Default 4,000. */
  readonly prefetch?: number;
  /** From the beginning of one small batch of a queue to that of the next, at least. Default 20. */
  readonly batchDistanceMs?: number;
  /** Pause before a message that was answered `retry` goes back to its queue. Default 500. */
  readonly retryDelayMs?: number;
  /** Channels that look for topologies and declare them side by side: each takes one request at a time. Default 32. */
  readonly declaringChannels?: number;
  /** A topology that is in use is declared again, beside that, so long after it was last: what was deleted of it by hand comes back. Default 60,000. */
  readonly renewTopologiesMs?: number;
  /** Longest pause between two attempts to connect. Default 10,000. */
  readonly reconnectDelayMaxMs?: number;
  /** Silence after which both sides look for each other; twice that ends a connection. The URL's `heartbeat` goes first. Default 10. */
  readonly heartbeatSeconds?: number;
  /** Uniform in [0, 1), for jitter. */
  readonly random?: () => number;
}

export interface RabbitSettings extends Required<Omit<RabbitBusOptions, 'log' | 'meter'>> {
  readonly log: Log;
  readonly meter: Meter;
}

const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const noMeter: Meter = { count: () => {}, gauge: () => {}, observe: () => {} };

export function settingsOf(options: RabbitBusOptions): RabbitSettings {
  return {
    url: options.url,
    connectionName: options.connectionName ?? 'simple-scheduler',
    log: options.log ?? silentLog,
    meter: options.meter ?? noMeter,
    publishDeadlineMs: options.publishDeadlineMs ?? 10_000,
    window: options.window ?? 2_000,
    prefetch: options.prefetch ?? 4_000,
    batchDistanceMs: options.batchDistanceMs ?? 20,
    retryDelayMs: options.retryDelayMs ?? 500,
    declaringChannels: options.declaringChannels ?? 32,
    renewTopologiesMs: options.renewTopologiesMs ?? 60_000,
    reconnectDelayMaxMs: options.reconnectDelayMaxMs ?? 10_000,
    heartbeatSeconds: options.heartbeatSeconds ?? 10,
    random: options.random ?? Math.random,
  };
}
