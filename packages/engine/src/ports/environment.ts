/** Wall-clock time, epoch ms. Use cases read it once per call. */
export interface Clock {
  now(): number;
}

/** Identities. Seeded in simulations. */
export interface Ids {
  /** Run id: 12 hex characters of `createdAt`, then 12 that no other run of that millisecond has. */
  runId(createdAt: number): string;
  /** 24 hex characters, for job uids and manager ids. */
  uid(): string;
}

/** Uniform in [0, 1). */
export interface Random {
  next(): number;
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export type CounterName =
  | 'ticks_total'
  | 'runs_ended_total'
  | 'runs_repaired_total'
  | 'actions_published_total'
  | 'actions_unconfirmed_total'
  | 'actions_republished_total'
  | 'topologies_declared_total'
  | 'topologies_found_total'
  | 'bus_connections_lost_total'
  | 'messages_ignored_total'
  | 'messages_dead_lettered_total'
  | 'jobs_fenced_total'
  | 'runs_pruned_total'
  | 'jobs_freed_total';
export type GaugeName = 'jobs_held';
export type HistogramName = 'tick_lateness_ms';

/** What is measured, by names that runtime's table of metrics must explain, or it does not compile. */
export interface Meter {
  count(name: CounterName, by?: number, labels?: Readonly<Record<string, string>>): void;
  gauge(name: GaugeName, value: number): void;
  observe(name: HistogramName, value: number): void;
}

/** Waiting that ends. Used where an answer must not hang on the bus. */
export interface Patience {
  /** Resolves with the outcome of `work` when it settles within `timeoutMs`, else with `late`; `work` goes on. Never rejects. */
  within<T>(work: Promise<T>, timeoutMs: number): Promise<Waited<T>>;
}
export type Waited<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'late' };
