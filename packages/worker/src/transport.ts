import type { Topology } from '@simple-scheduler/contracts';

/**
 * What a worker needs of a bus: AMQP in production, the in-process bus in the standalone service. Matched structurally,
 * so that a bus can offer one without knowing this package. Transports reconnect for ever by themselves; what was
 * consumed or heard is consumed and heard again after a reconnect.
 */
export interface WorkerTransport {
  /** Resolves with the first connection; rejects when closed before. */
  open(): Promise<void>;
  /**
   * Competes with other workers for the actions of this topology, declaring its exchanges and queue first. At most
   * `prefetch` messages are held unacknowledged; those that are when the transport closes or loses its connection go to
   * others.
   */
  consumeActions(topology: Topology, options: ActionConsumer): Promise<ActionConsumption>;
  /**
   * Hears every `cancel` of these topologies, whichever worker holds the run, on a queue of its own that goes with the
   * connection. A `cancel` published while not connected comes through the action queue only, where another worker may
   * take it: `onBack` is called each time hearing has begun again after an interruption.
   */
  hearCancels(
    topologies: readonly Topology[],
    onMessage: (body: Uint8Array) => void,
    onBack?: () => void,
  ): Promise<WorkerConsumption>;
  /**
   * Resolves when the bus has confirmed the message. Rejects when that is not known (it may have arrived all the same),
   * with `UnroutableError` where the bus is sure that nobody is there to hear it.
   */
  publish(kind: 'status' | 'heartbeat', topology: Topology, body: Uint8Array): Promise<void>;
  /** Stops consuming, settles what is being published, closes. Unacknowledged actions go to other workers. */
  close(): Promise<void>;
  /** Where a transport can tell: calls back with each change. */
  onStateChange?(listener: (state: TransportState) => void): void;
}

/** `blocked`: connected, but the broker takes nothing for now (memory or disk alarm). */
export type TransportState = 'connecting' | 'connected' | 'blocked' | 'closed';

export interface ActionConsumer {
  readonly prefetch: number;
  readonly onMessage: (delivery: ActionDelivery) => void;
}

/** One action in the hands of this worker. */
export interface ActionDelivery {
  readonly body: Uint8Array;
  /** Somebody may have had it before. */
  readonly redelivered: boolean;
  /** False once it was settled, or was lost with the connection: then it is, or will be, delivered again to anybody. */
  isHeld(): boolean;
  /** Both do nothing where it is not held any more. */
  ack(): void;
  /** To other workers, or to this one later. */
  giveBack(): void;
}

export interface WorkerConsumption {
  /** Takes no more messages. Those already handed over may still be settled. Safe twice. */
  stop(): Promise<void>;
}

export interface ActionConsumption extends WorkerConsumption {
  /** Takes no more messages until `resume`; a few may be under way. Those already handed over may still be settled. */
  pause(): void;
  resume(): void;
}

/** Raised by `publish` where no queue took the message: no scheduler has declared the job, or it has been deleted. */
export class UnroutableError extends Error {
  override readonly name = 'UnroutableError';
}
