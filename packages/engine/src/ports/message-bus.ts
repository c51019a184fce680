import type { ActionMessage, ControlMessage, Topology } from '@simple-scheduler/contracts';

/**
 * The way to workers and between services. Every driver runs the suite in `packages/conformance`.
 *
 * Delivery is at least once in both directions and in no promised order. Drivers reconnect for ever, with capped and
 * jittered backoff; consumers, control listeners and topology come back with the connection.
 */
export interface MessageBus {
  /** Resolves with the first connection, or rejects with `BusUnavailableError` after `timeoutMs`; the driver goes on trying either way. */
  connect(options?: { timeoutMs?: number }): Promise<void>;
  /**
   * Publishes actions, declaring each topology first where it is not known to be there. Resolves when every message
   * is settled, within the driver's publish deadline: `confirmed` once the broker has it in at least one queue,
   * `unconfirmed` when that is not known (never connected, blocked, returned twice, deadline). Never rejects.
   * Order among messages of one topology is kept within one call.
   */
  publishActions(messages: readonly OutgoingAction[]): Promise<PublishOutcome[]>;
  /**
   * Declares exchanges, action queue and the bindings to the shared queues. Idempotent; remembered. One that any process
   * has declared may be taken as it is at first, and declared again soon after.
   */
  ensureTopology(topologies: readonly Topology[]): Promise<void>;
  /**
   * Another process may have removed these meanwhile: what is remembered of them counts no more, and they are looked for or declared
   * before they are used again. A worker may have declared its part since, which alone leads nowhere.
   */
  forgetTopologies(topologies: readonly Topology[]): void;
  /** Removes a job's exchanges and queue; resolves where they are gone already. */
  deleteTopology(topology: Topology): Promise<void>;
  /**
   * Consumes one of the shared queues in batches: the handler is called with up to `maxBatch` messages, as soon as
   * some are there, one call at a time. Unacknowledged messages are bounded by the driver's prefetch.
   * Each message goes to one of all that consume; a driver decides to which. One that is held up keeps no more from the others
   * than its prefetch, and one whose handler rejects keeps nothing.
   */
  consume(kind: 'status' | 'heartbeat', handler: BatchHandler, options: { maxBatch: number }): Promise<Consumption>;
  /** Tells all schedulers at once; best effort: resolves also where nobody hears it. */
  announce(message: ControlMessage): Promise<void>;
  /** Hears announcements of everyone, oneself included. */
  onControl(handler: (message: ControlMessage) => void): Promise<Consumption>;
  state(): BusState;
  onStateChange(listener: (state: BusState) => void): void;
  /** Stops consuming, settles what is in flight within the driver's deadline, closes. */
  close(): Promise<void>;
}

/** `blocked`: connected, but the broker takes nothing for now (memory or disk alarm). */
export type BusState = 'connecting' | 'connected' | 'blocked' | 'closed';
export type PublishOutcome = 'confirmed' | 'unconfirmed';

export interface OutgoingAction {
  readonly topology: Topology;
  /** `runId:attempt:action`: the same on each publication of the same thing. */
  readonly messageId: string;
  readonly body: ActionMessage;
}

export interface IncomingMessage {
  readonly body: Uint8Array;
  readonly exchange: string;
  readonly redelivered: boolean;
}

/** `retry`: give it back to be delivered again a little later. `dead`: to the dead-letter queue, whole, with this reason. */
export type Settlement =
  | { readonly kind: 'ack' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'dead'; readonly reason: string };

/** Answers one settlement per message. A rejection counts as `retry` for the whole batch. */
export type BatchHandler = (messages: readonly IncomingMessage[]) => Promise<readonly Settlement[]>;

export interface Consumption {
  /** Takes no new messages; resolves when the running batch is settled. Safe twice. */
  stop(): Promise<void>;
}
