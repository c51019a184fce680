import type { CounterName, GaugeName, HistogramName } from '@simple-scheduler/engine';

export interface MetricSpec<T = 'counter' | 'gauge' | 'histogram'> {
  readonly type: T;
  readonly help: string;
  readonly labels?: readonly string[];
  /** Upper bounds of a histogram, in the unit that ends its name. */
  readonly buckets?: readonly number[];
}

const LATENCY_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000];

/** What names of metrics begin with on `/metrics`; the engine and the drivers leave it out. */
export const METRIC_PREFIX: string = 'simple_scheduler_';

type MetricsTable = { readonly [K in CounterName]: MetricSpec<'counter'> } & {
  readonly [K in GaugeName]: MetricSpec<'gauge'>;
} & { readonly [K in HistogramName]: MetricSpec<'histogram'> };

/** Every metric that services, engine and drivers write. */
export const METRICS: MetricsTable = {
  ticks_total: { type: 'counter', help: 'Due ticks that were settled, by what became of them.', labels: ['outcome'] },
  tick_lateness_ms: {
    type: 'histogram',
    help: 'From the moment a tick is due to its run record.',
    buckets: LATENCY_MS,
  },
  runs_ended_total: { type: 'counter', help: 'Runs that ended, by status.', labels: ['status'] },
  runs_repaired_total: {
    type: 'counter',
    help: 'Runs that the watchdog acted on, by what it did.',
    labels: ['repair'],
  },
  actions_published_total: { type: 'counter', help: 'Actions that the bus confirmed.' },
  actions_unconfirmed_total: {
    type: 'counter',
    help: 'Actions that the bus did not confirm in time; published again.',
  },
  actions_republished_total: {
    type: 'counter',
    help: 'Actions sent again within one publication, by why.',
    labels: ['because'],
  },
  topologies_declared_total: { type: 'counter', help: 'Topologies of jobs and work queues declared on the broker.' },
  topologies_found_total: {
    type: 'counter',
    help: 'Topologies found on the broker when they were needed, and declared later.',
  },
  bus_connections_lost_total: {
    type: 'counter',
    help: 'Connections to the broker that broke or failed.',
    labels: ['connection'],
  },
  messages_ignored_total: {
    type: 'counter',
    help: 'Statuses and heartbeats without effect, by why.',
    labels: ['because'],
  },
  messages_dead_lettered_total: { type: 'counter', help: 'Messages that were not valid.' },
  jobs_held: { type: 'gauge', help: 'Jobs that this scheduler holds.' },
  jobs_fenced_total: { type: 'counter', help: 'Jobs lost to another holder before their tick was settled.' },
  runs_pruned_total: { type: 'counter', help: 'Old run records that retention removed.' },
  jobs_freed_total: { type: 'counter', help: 'Jobs of dead schedulers that were freed.' },
};
