import { createMemoryBroker } from '@simple-scheduler/bus-memory';
import { openBus } from '@simple-scheduler/drivers';
import type { Log, MessageBus, Meter } from '@simple-scheduler/engine';
import type { BusSettings } from '@simple-scheduler/runtime';
import type { WorkerOptions } from '@simple-scheduler/worker';

export interface Messaging {
  readonly bus: MessageBus;
  /** How a worker of this process gets to the same bus. */
  readonly workerSide: Pick<WorkerOptions, 'url' | 'transport'>;
  /** True where nobody else can reach the bus, and it holds nothing over a restart of this process. */
  readonly private: boolean;
}

/** The bus that the settings name, to be connected, in a way that a worker of this process can share. */
export async function openMessaging(settings: BusSettings, deps: { log: Log; meter: Meter }): Promise<Messaging> {
  if (settings.type === 'rabbitmq') {
    const bus = await openBus(settings, deps);
    return { bus, workerSide: { url: settings.connectionString.reveal() }, private: false };
  }
  const broker = createMemoryBroker({ log: deps.log });
  return { bus: broker.bus(), workerSide: { transport: broker.worker() }, private: true };
}
