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
 * Looks for it, in one request. Where the answer is no, that costs the channel.
 * @throws where there was no answer.
 */
export async function isMarked(channel: Channel, topology: Topology): Promise<boolean> {
  try {
    await channel.checkExchange(markerOf(topology));
    return true;
  } catch (error) {
    // Should it be refused rather than missing, declaring it will say what is the matter.
    if (replyCode(error) !== undefined) return false;
    throw error;
  }
}

export function markerOf(topology: Topology): string {
  return `scheduler.${topology.key}.declared`;
}
