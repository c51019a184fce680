import type { BusState, MessageBus, PublishOutcome } from '@simple-scheduler/engine';
import type { Faults } from '../world/faults.ts';
import type { Process } from '../world/process.ts';
import type { RandomStream } from '../world/random.ts';
import type { World } from '../world/world.ts';
import type { SimBroker } from './sim-broker.ts';
import { copyOf } from '../store/copy-of.ts';

const PUBLISH_DEADLINE_MS = 10_000;

/** The bus as one process sees it. */
export function busOverNetwork(options: {
  world: World;
  process: Process;
  broker: SimBroker;
  faults: () => Faults;
  random: RandomStream;
}): MessageBus {
  const { world, process, broker, faults, random } = options;
  const state = (): BusState => (broker.down ? 'connecting' : 'connected');
  return {
    connect: async () => {},
    publishActions: async (messages) => {
      const outcomes = await Promise.all(
        messages.map(async ({ body }): Promise<PublishOutcome> => {
          await world.sleep(broker.lag());
          if (!broker.take(copyOf(body))) return process.reach(broker.lag(), 'unconfirmed');
          if (random.chance(faults().confirmLost)) return process.reach(PUBLISH_DEADLINE_MS, 'unconfirmed');
          return process.reach(broker.lag(), 'confirmed');
        }),
      );
      return outcomes;
    },
    ensureTopology: () => process.reach(1, undefined),
    forgetTopologies: () => {},
    deleteTopology: () => process.reach(1, undefined),
    consume: async (kind, handler, { maxBatch }) => {
      const queue = kind === 'status' ? broker.statuses : broker.heartbeats;
      queue.addConsumer(process, handler, maxBatch);
      return { stop: async () => queue.removeConsumer(process) };
    },
    announce: async (message) => {
      await process.reach(1, undefined);
      broker.announce(message);
    },
    onControl: async (handler) => {
      broker.onControl(process, handler);
      return { stop: async () => {} };
    },
    state,
    onStateChange: (listener) => broker.onStateChange(() => process.alive && listener(state())),
    close: async () => {},
  };
}
