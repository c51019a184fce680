import { BusUnavailableError, type Log, type MessageBus, type Meter } from '@simple-scheduler/engine';
import type { BusSettings } from '@simple-scheduler/runtime';

export interface OpenBusOptions {
  readonly log: Log;
  readonly meter: Meter;
}

/** The message bus that the settings name. Connects with `connect`, and goes on trying; close it also where it never did. */
export async function openBus(settings: BusSettings, { log, meter }: OpenBusOptions): Promise<MessageBus> {
  if (settings.type === 'rabbitmq') {
    const { openRabbitBus } = await import('@simple-scheduler/bus-rabbitmq');
    return openRabbitBus({ url: settings.connectionString.reveal(), log, meter });
  }
  const { createMemoryBroker } = await import('@simple-scheduler/bus-memory');
  return createMemoryBroker({ log }).bus();
}

export interface StartBusOptions extends OpenBusOptions {
  /** How long to wait for the first connection, ms; default 5 s. */
  readonly timeoutMs?: number;
}

/** A bus that may be away, and connects by itself. */
export interface StartedBus {
  readonly bus: MessageBus;
  /** Resolves with the first connection, or when that has taken too long: the driver goes on trying. */
  readonly settled: Promise<void>;
}

/** As `openBus`, for whoever can do without the bus: begins to connect, and waits for nothing. */
export async function startBus(
  settings: BusSettings,
  { timeoutMs = 5_000, ...deps }: StartBusOptions,
): Promise<StartedBus> {
  const bus = await openBus(settings, deps);
  const settled = bus.connect({ timeoutMs }).catch((error: unknown) => {
    if (!(error instanceof BusUnavailableError)) throw error;
    deps.log.warn({ error }, 'the message bus is away; going on without it until it is back');
  });
  return { bus, settled };
}
