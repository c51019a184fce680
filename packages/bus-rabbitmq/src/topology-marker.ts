import type { Topology } from '@simple-scheduler/contracts';
import type { Channel } from 'amqplib';
import { replyCode } from './amqp-errors.ts';

/**
 * An exchange that says that a whole topology has been declared: declared last and deleted first, by schedulers only.
 * None of the others can say that. Workers declare them too, without the bindings that statuses need, and bindings
 * cannot be asked for. Nothing goes through it, and `internal` refuses whoever tries.
 */
export async function declareMarker(channel: Channel, topology: Topology): Promise<void> {
  await channel.assertExchange(markerOf(topology), 'fanout', { durable: true, internal: true });
}

/**
 * Whether a topology has been declared and its exchanges are still there. One request for each, which the broker answers from
 * memory; where one is missing, that costs the channel.
 * @throws where there was no answer.
 */
export async function isThere(channel: Channel, topology: Topology): Promise<boolean> {
  const { actionExchange, statusExchange, heartbeatExchange } = topology;
  try {
    for (const name of [markerOf(topology), actionExchange, statusExchange, heartbeatExchange]) {
      await channel.checkExchange(name);
    }
    return true;
  } catch (error) {
    // Should one be refused rather than missing, declaring it will say what is the matter.
    if (replyCode(error) !== undefined) return false;
    throw error;
  }
}

export function markerOf(topology: Topology): string {
  return `scheduler.${topology.key}.declared`;
}
