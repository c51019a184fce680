export const PEERS = ['agenda', 'bullmq', 'pg-boss', 'graphile-worker'] as const;
export type PeerName = (typeof PEERS)[number];

/** The server that each works on. */
export const SERVER_OF = {
  agenda: 'mongodb',
  bullmq: 'redis',
  'pg-boss': 'postgres',
  'graphile-worker': 'postgres',
} as const satisfies Readonly<Record<PeerName, 'mongodb' | 'redis' | 'postgres'>>;

/** Those that start a job again every second by themselves. The others' shortest schedule is a minute. */
export const HAS_INTERVALS: Readonly<Record<PeerName, boolean>> = {
  agenda: true,
  bullmq: true,
  'pg-boss': false,
  'graphile-worker': false,
};

/** Those that count an interval from when the job ran last, not from when it was due: each tick is moved by its lateness. */
export const MOVES_TICKS: Readonly<Record<PeerName, boolean>> = {
  agenda: true,
  bullmq: false,
  'pg-boss': false,
  'graphile-worker': false,
};

/** Due once, at a time (epoch ms). `name` tells it apart. */
export interface OnceTask {
  readonly name: string;
  readonly dueAt: number;
}

/** Due again and again, for the first time at `firstAt` (epoch ms). */
export interface RepeatedTask {
  readonly name: string;
  readonly firstAt: number;
  readonly intervalMs: number;
}

export type Tasks =
  | { readonly kind: 'once'; readonly tasks: readonly OnceTask[] }
  | { readonly kind: 'repeated'; readonly tasks: readonly RepeatedTask[] };

/** A task that reached its handler. */
export interface Execution {
  readonly name: string;
  /** When the peer says that it was due, epoch ms. */
  readonly dueAt: number;
  /** Epoch ms, with fractions. */
  readonly receivedAt: number;
}

export interface PeerPlace {
  /** Of its server. */
  readonly url: string;
  /** A database, or a prefix of keys: this use's own. */
  readonly space: string;
}

/** One peer in one process: it schedules and works. */
export interface Peer {
  add(tasks: Tasks): Promise<void>;
  /** From now on tasks that are due are worked on; `seen` hears of each at once. */
  start(seen: (execution: Execution) => void): Promise<void>;
  /** Once tasks that the peer's store holds as done. */
  countDone(): Promise<number>;
  /** Takes no more and closes its connections. */
  stop(): Promise<void>;
}

export type ToPeer =
  | { readonly kind: 'open'; readonly peer: PeerName; readonly place: PeerPlace }
  | { readonly kind: 'add'; readonly tasks: Tasks }
  | { readonly kind: 'start' }
  | { readonly kind: 'count' }
  | { readonly kind: 'report' }
  | { readonly kind: 'stop' };

export type FromPeer =
  | { readonly kind: 'done'; readonly answer?: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'received'; readonly count: number }
  | { readonly kind: 'executions'; readonly executions: readonly Execution[]; readonly last: boolean };
