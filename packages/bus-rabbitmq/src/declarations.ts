import { SHARED_NAMES, type Topology } from '@simple-scheduler/contracts';
import type { Channel, Options } from 'amqplib';
import { isRefusal, TopologyRefusedError } from './amqp-errors.ts';
import { declareMarker, markerOf } from './topology-marker.ts';

/**
 * The queues of all schedulers are quorum queues: quicker than classic ones under a deep prefetch, and they survive a
 * node. RabbitMQ 4 drops a message of a quorum queue that was given back 20 times; a status must outlive any number of
 * attempts while the store is away, so the limit is put out of reach. (3.x knows no limit unless asked, and -1 only 4 does.)
 */
const SHARED_QUORUM: Options.AssertQueue = {
  durable: true,
  arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 1_000_000 },
};

export type SharedName = (typeof SHARED_NAMES)[keyof typeof SHARED_NAMES];

/**
 * Declares one of the names that all schedulers share.
 * @throws TopologyRefusedError, or what else came of the request.
 */
export async function declareShared(channel: Channel, name: SharedName): Promise<void> {
  await requestShared(channel, name).catch((error: unknown) => {
    throw isRefusal(error) ? new TopologyRefusedError(subjectOf(name), error) : error;
  });
}

export function subjectOf(name: SharedName): string {
  return `${name === SHARED_NAMES.controlExchange ? 'exchange' : 'queue'} ${name}`;
}

async function requestShared(channel: Channel, name: SharedName): Promise<void> {
  switch (name) {
    case SHARED_NAMES.statusQueue:
    case SHARED_NAMES.heartbeatQueue:
      await channel.assertQueue(name, SHARED_QUORUM);
      return;
    case SHARED_NAMES.deadLetterQueue:
      await channel.assertQueue(name, { durable: true });
      return;
    case SHARED_NAMES.controlExchange:
      await channel.assertExchange(name, 'fanout', { durable: true });
      return;
  }
}

interface Step {
  readonly subject: string;
  run(channel: Channel): Promise<unknown>;
}

/**
 * Declares what makes up a topology, for a scheduler; the shared queues must be there. One request after the other, as
 * the channel would have it anyway, so that the one that is refused is known.
 * @throws TopologyRefusedError, or what else came of the requests.
 */
export async function declareTopology(channel: Channel, topology: Topology): Promise<void> {
  for (const { subject, run } of topologySteps(topology)) {
    await run(channel).catch((error: unknown) => {
      throw isRefusal(error) ? new TopologyRefusedError(subject, error) : error;
    });
  }
}

function topologySteps(topology: Topology): Step[] {
  const { actionExchange, statusExchange, heartbeatExchange, actionQueue } = topology;
  const exchange = (name: string): Step => ({
    subject: `exchange ${name}`,
    run: (channel) => channel.assertExchange(name, 'topic', { durable: true }),
  });
  const binding = (queue: string, name: string): Step => ({
    subject: `binding of queue ${queue} to exchange ${name}`,
    run: (channel) => channel.bindQueue(queue, name, '#'),
  });
  return [
    exchange(actionExchange),
    exchange(statusExchange),
    exchange(heartbeatExchange),
    { subject: `queue ${actionQueue}`, run: (channel) => channel.assertQueue(actionQueue, { durable: true }) },
    binding(actionQueue, actionExchange),
    binding(SHARED_NAMES.statusQueue, statusExchange),
    binding(SHARED_NAMES.heartbeatQueue, heartbeatExchange),
    // Last: whoever finds it need not look for the others.
    { subject: `exchange ${markerOf(topology)}`, run: (channel) => declareMarker(channel, topology) },
  ];
}

/**
 * The marker goes first: should we end in the middle of it, nobody takes the rest for a whole. Deleting what is gone
 * already is no error on RabbitMQ.
 * @throws TopologyRefusedError, or what else came of the requests.
 */
export async function deleteTopology(channel: Channel, topology: Topology): Promise<void> {
  const { actionExchange, statusExchange, heartbeatExchange, actionQueue } = topology;
  try {
    for (const name of [markerOf(topology), actionExchange, statusExchange, heartbeatExchange]) {
      await channel.deleteExchange(name);
    }
    await channel.deleteQueue(actionQueue);
  } catch (error) {
    throw isRefusal(error) ? new TopologyRefusedError(`deletion of ${topology.key}`, error) : error;
  }
}
