import type { Clock, Ids, Log, MessageBus, Meter, Store } from '../ports/index.ts';

/** What the use cases work with. Plain objects; who composes a service decides what they are. */
export interface Context {
  readonly store: Store;
  readonly bus: MessageBus;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly meter: Meter;
}
