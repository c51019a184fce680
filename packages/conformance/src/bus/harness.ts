import type { Topology } from '@simple-scheduler/contracts';
import type { MessageBus } from '@simple-scheduler/engine';

/** One broker of a test's own, and ways to it. */
export interface BusHarness {
  /** Connected; its unacknowledged messages per consumer are bounded by `prefetch`. */
  readonly bus: MessageBus;
  readonly prefetch: number;
  /** Another connected endpoint, as another process would have one. */
  endpoint(): Promise<MessageBus>;
  /** A client that knows nothing but the contract. */
  rawWorker(topology: Topology): Promise<RawWorker>;
  /** What is in the dead-letter queue, oldest first. */
  deadLetters(): Promise<RawDeadLetter[]>;
  /** Puts a body on the exchange by which services talk to each other. */
  publishControl(body: Uint8Array): Promise<void>;
  /** Ends the broker and starts it again with its data; resolves when it answers. Clients come back by themselves. */
  restartBroker(): Promise<void>;
  /** Closes everything above. */
  close(): Promise<void>;
}

export interface RawDeadLetter {
  readonly body: Uint8Array;
  readonly reason: string;
  readonly originalExchange: string;
}

export interface RawAction {
  readonly body: Uint8Array;
  readonly routingKey: string;
  readonly redelivered: boolean;
  readonly messageId: string | undefined;
  readonly contentType: string | undefined;
  readonly isPersistent: boolean;
  ack(): void;
}

/** Does not reconnect: after the broker was restarted, get another one. */
export interface RawWorker {
  /** The exchanges and the action queue, with the contract's arguments. */
  declare(): Promise<void>;
  /** Competes for the action queue. */
  consume(onAction: (action: RawAction) => void, options?: { prefetch?: number }): Promise<void>;
  /** Binds an exclusive queue to the action exchange with the key `cancel`. */
  hearCancels(onCancel: (body: Uint8Array) => void): Promise<void>;
  /** Resolves when the broker has confirmed it. */
  publish(kind: 'status' | 'heartbeat', body: Uint8Array): Promise<void>;
  /** Actions in the queue that no consumer has. */
  queuedActions(): Promise<number>;
  deleteExchange(name: string): Promise<void>;
  deleteQueue(name: string): Promise<void>;
  exchangeExists(name: string): Promise<boolean>;
  /** Its connection goes; what it has not acknowledged goes back to the queue. */
  die(): Promise<void>;
}
