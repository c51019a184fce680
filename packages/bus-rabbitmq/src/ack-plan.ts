import type { Settlement } from '@simple-scheduler/engine';

export interface AckPlan {
  /** Everything up to this one, and all before its batch, with one acknowledgement. */
  readonly upTo: number | undefined;
  /** Each with its own. */
  readonly singles: readonly number[];
}

/**
 * How to acknowledge a batch, whose messages are in the order of delivery, with few frames. An acknowledgement "up to"
 * covers everything before it on the channel, so it may only be used while nothing older is being held back there.
 */
export function planAcks(kinds: readonly Settlement['kind'][], isOlderHeld: boolean): AckPlan {
  const firstOther = kinds.findIndex((kind) => kind !== 'ack');
  const prefix = isOlderHeld ? 0 : firstOther === -1 ? kinds.length : firstOther;
  const singles: number[] = [];
  for (let i = prefix; i < kinds.length; i++) if (kinds[i] === 'ack') singles.push(i);
  return { upTo: prefix === 0 ? undefined : prefix - 1, singles };
}
