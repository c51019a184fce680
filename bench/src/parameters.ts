import { HAS_INTERVALS, type PeerName, PEERS } from '@simple-scheduler/bench-peers';

export const WORKLOADS = ['floor', 'w1', 'limit', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'lists', 'peers'] as const;
export type WorkloadName = (typeof WORKLOADS)[number];

/** `own`: each job has exchanges and a queue of its own. `shared`: all jobs share those of one work queue. */
export type TopologyKind = 'own' | 'shared';

/** How a scheduler of w3 ends. */
export const SIGNALS = ['SIGKILL', 'SIGTERM'] as const;
export type EndSignal = (typeof SIGNALS)[number];

/** What a peer does: the work of that workload. */
export const PEER_LOADS = ['w1', 'w2', 'limit'] as const;
export type PeerLoad = (typeof PEER_LOADS)[number];

/** What one workload is run with; each has its own defaults. */
export interface Parameters {
  readonly jobs: number;
  /** How long it is measured. */
  readonly seconds: number;
  readonly schedulers: number;
  readonly topology: TopologyKind;
  /** All jobs of w1 tick in the same millisecond, instead of evenly spread over the second. */
  readonly aligned: boolean;
  /** The worker sends `completed` only. */
  readonly terse: boolean;
  /** Run records that are there before w6 begins. */
  readonly runs: number;
  readonly signal: EndSignal;
  readonly peer: PeerName;
  readonly load: PeerLoad;
  /** Settings of MongoDB's storage engine that are not as shipped; of all plans of a run the same. */
  readonly wiredTiger: string;
  /** Short time limits and pauses: for checking that everything works, not for figures. */
  readonly hasty: boolean;
}

export interface Plan {
  readonly workload: WorkloadName;
  readonly parameters: Parameters;
}

export const BASE: Parameters = {
  jobs: 0,
  seconds: 30,
  schedulers: 1,
  topology: 'own',
  aligned: false,
  terse: false,
  runs: 0,
  signal: 'SIGKILL',
  peer: 'agenda',
  load: 'w2',
  wiredTiger: '',
  hasty: false,
};

type Sizes = Readonly<Record<WorkloadName, readonly Partial<Parameters>[]>>;

const peerPlans = (sizes: { readonly w1: readonly number[]; readonly w2: number }): Partial<Parameters>[] =>
  PEERS.flatMap((peer) => [
    ...sizes.w1.map((jobs) => ({ peer, load: 'w1' as const, jobs, seconds: 20 })),
    { peer, load: 'w2' as const, jobs: sizes.w2 },
  ]);

/** What runs where nothing else is asked for. */
export const DEFAULTS: Sizes = {
  floor: [{ jobs: 10_000 }],
  w1: [
    ...[10, 100, 500, 1_000].map((jobs) => ({ jobs })),
    // As the peers have it: one queue for all jobs.
    ...[1_000, 2_000].map((jobs) => ({ jobs, topology: 'shared' as const })),
  ],
  limit: [{ jobs: 1_000, seconds: 60, topology: 'shared' }],
  w2: [
    { jobs: 10_000, topology: 'shared' },
    { jobs: 10_000, topology: 'shared', terse: true },
  ],
  w3: SIGNALS.map((signal) => ({ jobs: 1_000, schedulers: 2, signal })),
  w4: [{ jobs: 100, topology: 'shared' }],
  w5: [0, 10_000, 100_000, 1_000_000].map((jobs) => ({ jobs, topology: 'shared' })),
  w6: [{ jobs: 100_000, runs: 1_000_000, seconds: 10, topology: 'shared' }],
  w7: [2, 4].map((schedulers) => ({ jobs: 1_000, seconds: 60, schedulers, topology: 'shared' })),
  lists: [{ jobs: 100_000 }],
  peers: [...peerPlans({ w1: [100, 1_000], w2: 10_000 }), { peer: 'agenda', load: 'limit', jobs: 100, seconds: 60 }],
};

/** What runs only where `--load` asks for it: no target is about it, and it takes minutes. */
export const PEERS_ON_REQUEST: readonly Partial<Parameters>[] = [
  { peer: 'bullmq', load: 'limit', jobs: 1_000, seconds: 60 },
];

const hasty = true;

/** The least that passes through all of a workload's code. */
export const SMOKE: Sizes = {
  floor: [{ jobs: 100, hasty }],
  w1: [{ jobs: 20, seconds: 3, hasty }],
  limit: [{ jobs: 10, seconds: 2, topology: 'shared', hasty }],
  w2: [{ jobs: 300, topology: 'shared', hasty }],
  w3: SIGNALS.map((signal) => ({ jobs: 40, schedulers: 2, signal, hasty })),
  w4: [{ jobs: 10, topology: 'shared', hasty }],
  w5: [{ jobs: 500, topology: 'shared', hasty }],
  w6: [{ jobs: 100, runs: 500, seconds: 4, topology: 'shared', hasty }],
  w7: [], // the same code as `limit`
  lists: [{ jobs: 200, hasty }],
  peers: [
    ...peerPlans({ w1: [10], w2: 100 }).map((plan) => ({ ...plan, seconds: 3, hasty })),
    { peer: 'agenda', load: 'limit', jobs: 10, seconds: 3, hasty },
  ],
};

/** Whether these are jobs with an interval, or as many once jobs: two of the peers repeat nothing within a minute. */
export function repeats({ peer, load }: Parameters): boolean {
  return load !== 'w2' && HAS_INTERVALS[peer];
}
