import { BusUnavailableError, type Log, type MessageBus, type Meter } from '@simple-scheduler/engine';
import type { BusSettings } from '@simple-scheduler/runtime';

export interface OpenBusOptions {
  readonly log: Log;
  readonly meter: Meter;
  /** How long to wait for the first connection, ms; default 5 s. */
  readonly timeoutMs?: number;
}

/** Connects to the message bus that the settings name. Rejects, with nothing left open, when it is not there. */
export async function openBus(
  settings: BusSettings,
  { timeoutMs = 5_000, ...deps }: OpenBusOptions,
): Promise<MessageBus> {
  const bus = await create(settings, deps);
  try {
    await bus.connect({ timeoutMs });
    return bus;
  } catch (error) {
    await bus.close();
    throw error;
  }
}

/** A bus that may be away, and connects by itself. */
export interface StartedBus {
  readonly bus: MessageBus;
  /** Resolves with the first connection, or when that has taken too long: the driver goes on trying. */
  readonly settled: Promise<void>;
}

/** As `openBus`, for whoever can do without the bus: waits for nothing. */
export async function startBus(
  settings: BusSettings,
  { timeoutMs = 5_000, ...deps }: OpenBusOptions,
): Promise<StartedBus> {
  const bus = await create(settings, deps);
  const settled = bus.connect({ timeoutMs }).catch((error: unknown) => {
    if (!(error instanceof BusUnavailableError)) throw error;
    deps.log.warn({ error }, 'the message bus is away; going on without it until it is back');
  });
  return { bus, settled };
}

async function create(settings: BusSettings, { log, meter }: { log: Log; meter: Meter }): Promise<MessageBus> {
  if (settings.type === 'rabbitmq') {
    const { openRabbitBus } = await import('@simple-scheduler/bus-rabbitmq');
    return openRabbitBus({ url: settings.connectionString.reveal(), log, meter });
  }
  const { createMemoryBroker } = await import('@simple-scheduler/bus-memory');
  return createMemoryBroker({ log }).bus();
}
