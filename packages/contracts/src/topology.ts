/** Names on the bus, derived from a job's name or from the work queue that it shares with others. */
export interface Topology {
  /** What is declared together and remembered together: `job.N` or `queue.Q`. */
  readonly key: string;
  readonly actionExchange: string;
  readonly statusExchange: string;
  readonly heartbeatExchange: string;
  /** Durable queue that keeps actions until a worker takes them; named like its exchange. */
  readonly actionQueue: string;
}

/** Queues and exchanges that all schedulers share. */
export const SHARED_NAMES = {
  statusQueue: 'scheduler.status',
  heartbeatQueue: 'scheduler.heartbeat',
  deadLetterQueue: 'scheduler.dead-letter',
  controlExchange: 'scheduler.control',
} as const;

/** Topology of a job: its own, or the shared one of its `workQueue`. */
export function topologyFor(job: { readonly name: string; readonly workQueue?: string | undefined }): Topology {
  return job.workQueue === undefined ? named(`job.${job.name}`) : named(`queue.${job.workQueue}`);
}

function named(key: string): Topology {
  const prefix = `scheduler.${key}`;
  return {
    key,
    actionExchange: `${prefix}.action`,
    statusExchange: `${prefix}.status`,
    heartbeatExchange: `${prefix}.heartbeat`,
    actionQueue: `${prefix}.action`,
  };
}
