import type { Topology } from '@simple-scheduler/contracts';

/**
 * What a worker needs of a bus: AMQP in production, the in-process bus in the standalone service. Matched structurally,
 * so that a bus can offer one without knowing this package. Transports reconnect for ever by themselves; what was
 * consumed or heard is consumed and heard again after a reconnect.
 */
export interface WorkerTransport {
  /** Resolves with the first connection. */
  open(): Promise<void>;
  /**
   * Competes with other workers for the actions of this topology, declaring its exchanges and queue first. At most
   * `prefetch` messages are held unacknowledged; those that are when the consumer stops, closes or dies go to others.
   */
  consumeActions(topology: Topology, options: ActionConsumer): Promise<WorkerConsumption>;
  /**
   * Hears every `cancel` of these topologies, whichever worker holds the run, on a queue of its own that goes with the
   * connection. Best effort: a `cancel` published while not connected comes through the action queue only.
   */
  hearCancels(topologies: readonly Topology[], onMessage: (body: Uint8Array) => void): Promise<WorkerConsumption>;
  /** Resolves when the bus has confirmed the message; rejects when that is not known (it may have arrived all the same). */
  publish(kind: 'status' | 'heartbeat', topology: Topology, body: Uint8Array): Promise<void>;
  /** Stops consuming, settles what is being published, closes. Unacknowledged actions go to other workers. */
  close(): Promise<void>;
}

export interface ActionConsumer {
  readonly prefetch: number;
  /** `ack` is safe to call late, twice, or after the connection has gone (then it does nothing). `redelivered`: somebody may have had it before. */
  readonly onMessage: (body: Uint8Array, ack: () => void, redelivered: boolean) => void;
}

export interface WorkerConsumption {
  /** Takes no more messages. Those already handed over may still be acknowledged. Safe twice. */
  stop(): Promise<void>;
}
