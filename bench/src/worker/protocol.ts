import type { Topology } from '@simple-scheduler/contracts';

/** What the worker's process is told first. */
export interface WorkerSetup {
  readonly url: string;
  readonly topologies: readonly Topology[];
  readonly prefetch: number;
  /** Sent for each run, in this order. */
  readonly statuses: readonly ('running' | 'completed')[];
  /** Falls silent over the first attempt of each run, after `running` and this many heartbeats; absent: never. */
  readonly silentAfter?: { readonly heartbeats: number; readonly intervalMs: number };
}

/** One delivered run action. */
export interface Receipt {
  readonly jobName: string;
  readonly runId: string;
  /** The tick, epoch ms. */
  readonly tickAt: number;
  /** Epoch ms, with fractions. */
  readonly receivedAt: number;
  readonly attempt: number;
  /** When the last sign of life for it was sent, where the worker fell silent over it; epoch ms. */
  readonly lastSignAt?: number;
}

export type FromWorker =
  | { readonly kind: 'ready' }
  /** Sent now and then. */
  | { readonly kind: 'count'; readonly received: number; readonly answered: number }
  | { readonly kind: 'receipts'; readonly receipts: readonly Receipt[]; readonly last: boolean };

export type ToWorker =
  | { readonly kind: 'setup'; readonly setup: WorkerSetup }
  | { readonly kind: 'report' }
  | { readonly kind: 'stop' };
