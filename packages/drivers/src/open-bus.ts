import { BusUnavailableError, type Log, type MessageBus, type Meter } from '@simple-scheduler/engine';
import type { BusSettings } from '@simple-scheduler/runtime';

export interface OpenBusOptions {
  readonly log: Log;
  readonly meter: Meter;
  /** How long to wait for the first connection, ms; default 5 s. */
  readonly timeoutMs?: number;
  /** Do without the first connection: the driver goes on trying. */
  readonly mayBeAway?: boolean;
}

/**
 * Connects to the message bus that the settings name. Rejects, with nothing left open, when it is not there, unless it
 * `mayBeAway`.
 */
export async function openBus(
  settings: BusSettings,
  { timeoutMs = 5_000, mayBeAway = false, ...deps }: OpenBusOptions,
): Promise<MessageBus> {
  const bus = await create(settings, deps);
  try {
    await bus.connect({ timeoutMs });
    return bus;
  } catch (error) {
    if (mayBeAway && error instanceof BusUnavailableError) {
      deps.log.warn({ error }, 'the message bus is away; going on without it until it is back');
      return bus;
    }
    await bus.close();
    throw error;
  }
}

async function create(settings: BusSettings, { log, meter }: { log: Log; meter: Meter }): Promise<MessageBus> {
  if (settings.type === 'rabbitmq') {
    const { openRabbitBus } = await import('@simple-scheduler/bus-rabbitmq');
    return openRabbitBus({ url: settings.connectionString.reveal(), log, meter });
  }
  const { createMemoryBroker } = await import('@simple-scheduler/bus-memory');
  return createMemoryBroker({ log }).bus();
}
