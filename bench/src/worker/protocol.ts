import type { Topology } from '@simple-scheduler/contracts';

/** What the worker's process is told first. */
export interface WorkerSetup {
  readonly url: string;
  readonly topologies: readonly Topology[];
  readonly prefetch: number;
  /** Sent for each run, in this order. */
  readonly statuses: readonly ('running' | 'completed')[];
}

/** One delivered run action. */
export interface Receipt {
  readonly jobName: string;
  readonly runId: string;
  /** The tick, epoch ms. */
  readonly tickAt: number;
  /** Epoch ms, with fractions. */
  readonly receivedAt: number;
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
