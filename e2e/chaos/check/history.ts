import type { Run } from '@simple-scheduler/contracts';

/** What a chaos run leaves behind, as the checks look at it. All times are epoch ms. */
export interface History {
  readonly jobs: readonly JobFact[];
  /** Every run record, as the API shows it at the end. */
  readonly runs: readonly RunFact[];
  readonly receipts: readonly Receipt[];
  readonly sayings: readonly Saying[];
  readonly faults: readonly FaultFact[];
  /** What users asked for by hand, and the runs that the answers named. */
  readonly asked: readonly { readonly key: string; readonly job: string; readonly answers: readonly string[] }[];
}

/** A job, and the moments at which it was created and paused. */
export interface JobFact {
  readonly name: string;
  readonly isConcurrent: boolean;
  readonly maxQueueCount: number;
  /** Absent: runs only when asked. */
  readonly schedule?: {
    readonly intervalMs: number;
    /** The first tick, by the answer to its creation. */
    readonly firstAt: number;
    /** The first tick that was not settled, by the answer to its pausing. */
    readonly nextAt: number;
    readonly pauseAskedAt: number;
    readonly pauseAnsweredAt: number;
  };
  readonly startTimeoutMs: number;
  readonly executionTimeoutMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly maxRetries: number;
}

export interface AttemptFact {
  readonly attempt: number;
  readonly startedAt?: number;
  readonly endedAt: number;
  readonly outcome: 'lost' | 'failed';
}

export interface RunFact {
  readonly id: string;
  readonly job: string;
  readonly status: Run['status'];
  readonly trigger: Run['trigger'];
  readonly scheduledAt: number;
  readonly createdAt: number;
  readonly publishedAt?: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly attempt: number;
  readonly attempts: readonly AttemptFact[];
  readonly reason?: string;
  readonly output?: unknown;
  readonly workerId?: string;
  /** A row of skipped ticks, of which `scheduledAt` is the first. */
  readonly span?: { readonly to: number; readonly count: number };
}

/** An action that a worker received. */
export interface Receipt {
  readonly at: number;
  readonly worker: string;
  readonly run: string;
  readonly job: string;
  readonly action: string;
  readonly attempt: number;
  readonly queue: 'work' | 'own';
  readonly redelivered: boolean;
}

/** A status that a worker sent, or was about to. */
export interface Saying {
  readonly at: number;
  readonly worker: string;
  readonly run: string;
  readonly status: string;
  /** Absent from workers that know of none. */
  readonly attempt?: number;
}

export interface FaultFact {
  readonly kind: string;
  readonly what: string;
  readonly beganAt: number;
  readonly healedAt: number;
}

/** A promise that was broken. */
export interface Violation {
  readonly check: string;
  readonly what: string;
}

/** A run as the checks look at it. */
export function runFact(run: Run): RunFact {
  const at = <K extends string>(key: K, time: string | undefined): { [k in K]?: number } =>
    time === undefined ? {} : ({ [key]: Date.parse(time) } as { [k in K]: number });
  return {
    id: run.id,
    job: run.jobName,
    status: run.status,
    trigger: run.trigger,
    scheduledAt: Date.parse(run.scheduledAt),
    createdAt: Date.parse(run.createdTime),
    ...at('publishedAt', run.publishedAt),
    ...at('startedAt', run.startTime),
    ...at('endedAt', run.endTime),
    attempt: run.attempt,
    attempts: (run.attempts ?? []).map(({ attempt, startTime, endTime, outcome }) => ({
      attempt,
      ...at('startedAt', startTime),
      endedAt: Date.parse(endTime),
      outcome,
    })),
    ...(run.reason === undefined ? {} : { reason: run.reason }),
    ...(run.output === undefined ? {} : { output: run.output }),
    ...(run.workerId === undefined ? {} : { workerId: run.workerId }),
    ...(run.to === undefined ? {} : { span: { to: Date.parse(run.to), count: run.count ?? 0 } }),
  };
}

/**
 * When a run began to count as its job's active one, as far as its record tells: its first publication, or what is
 * known of its first attempt. Undefined for one that was never active.
 */
export function activeSince(run: RunFact): number | undefined {
  const [first] = run.attempts;
  if (first !== undefined) return first.startedAt ?? first.endedAt;
  return run.publishedAt ?? run.startedAt;
}

export const describeRun = (run: RunFact): string =>
  `${run.job} ${run.id} (${run.status}${run.reason === undefined ? '' : `, ${run.reason}`}, tick ${iso(run.scheduledAt)})`;

export const iso = (at: number): string => new Date(at).toISOString();
