/** What a worker process is told, as JSON in `CHAOS_WORKER`. */
export interface WorkerPlan {
  readonly name: string;
  readonly url: string;
  readonly journal: string;
  readonly seed: number;
  readonly topologies: readonly string[];
  /** Whether it sends `attempt` and the other optional fields. */
  readonly knowsAttempts: boolean;
}

/** How the runs of a job go, in its payload. Shares are probabilities; what happens to a run follows from its id. */
export interface Work {
  readonly minMs: number;
  readonly maxMs: number;
  /** False: it says only how the run ended. */
  readonly saysRunning: boolean;
  readonly beatMs?: number;
  readonly failShare?: number;
  /** It works on for `hangMs`, unless it is cancelled. */
  readonly hangShare?: number;
  readonly hangMs?: number;
  /** It takes the run and never speaks of it again. */
  readonly silentShare?: number;
}

/** A line of a worker's journal; `at` is epoch ms. */
export type Entry =
  | { readonly t: 'born'; readonly at: number; readonly worker: string; readonly knowsAttempts: boolean }
  | {
      readonly t: 'received';
      readonly at: number;
      readonly run: string;
      readonly job: string;
      readonly action: string;
      readonly attempt: number;
      /** `own`: the queue on which this worker alone hears of cancellations. */
      readonly queue: 'work' | 'own';
      readonly redelivered: boolean;
    }
  /** Written before it is sent, so that nothing can have an effect that is not in a journal. */
  | {
      readonly t: 'says';
      readonly at: number;
      readonly run: string;
      readonly status: string;
      readonly attempt?: number;
    }
  /** The broker has it. */
  | {
      readonly t: 'said';
      readonly at: number;
      readonly run: string;
      readonly status: string;
      readonly attempt?: number;
    };
