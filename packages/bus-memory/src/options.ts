import type { Log } from '@simple-scheduler/engine';

/** Where delays come from: the platform's timers, or virtual ones in a simulation. */
export interface Timers {
  set(callback: () => void, delayMs: number): unknown;
  clear(handle: unknown): void;
}

export interface MemoryBrokerOptions {
  /** Bytes of all bodies kept; past that the broker is `blocked` until consumers have taken a tenth. Default 256 MiB. */
  readonly maxBytes?: number;
  /** Unacknowledged messages of one consumer of a shared queue. Default 2,000. */
  readonly prefetch?: number;
  /** How long a publication waits for a broker that is blocked or away. Default 10,000. */
  readonly publishDeadlineMs?: number;
  /** Pause before a message that was answered `retry` is delivered again. Default 500. */
  readonly retryDelayMs?: number;
  readonly timers?: Timers;
  readonly log?: Log;
}

export interface BrokerSettings extends Required<Omit<MemoryBrokerOptions, 'log'>> {
  readonly log: Log | undefined;
}

const platformTimers: Timers = {
  set: (callback, delayMs) => setTimeout(callback, delayMs),
  clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
};

export function settingsOf(options: MemoryBrokerOptions): BrokerSettings {
  return {
    maxBytes: options.maxBytes ?? 256 * 1024 * 1024,
    prefetch: options.prefetch ?? 2_000,
    publishDeadlineMs: options.publishDeadlineMs ?? 10_000,
    retryDelayMs: options.retryDelayMs ?? 500,
    timers: options.timers ?? platformTimers,
    log: options.log,
  };
}
