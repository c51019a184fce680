/**
 * The words of the contract: statuses, reasons, names and limits. Free of zod, so that the pure core can use it.
 */
export * from './topology.ts';
export * from './error-codes.ts';

export const RUN_STATUSES = [
  'pending',
  'running',
  'cancelling',
  'cancelled',
  'failed',
  'completed',
  'dead',
  'skipped',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Statuses that a message may name; a worker sends the last four of them. */
export const WIRE_STATUSES = ['pending', 'running', 'cancelling', 'cancelled', 'failed', 'completed'] as const;
export type WireStatus = (typeof WIRE_STATUSES)[number];

/** A run in one of these may still change. */
export const LIVE_STATUSES = ['pending', 'running', 'cancelling'] as const satisfies readonly RunStatus[];
export type LiveStatus = (typeof LIVE_STATUSES)[number];

export const ENDED_STATUSES = [
  'cancelled',
  'failed',
  'completed',
  'dead',
  'skipped',
] as const satisfies readonly RunStatus[];
export type EndedStatus = (typeof ENDED_STATUSES)[number];

export function isLive(status: RunStatus): status is LiveStatus {
  return (LIVE_STATUSES as readonly RunStatus[]).includes(status);
}

/** What became of a tick: the status of its run, or why there is none. */
export const TICK_OUTCOMES = [...RUN_STATUSES, 'due', 'missing'] as const;
export type TickOutcome = (typeof TICK_OUTCOMES)[number];

export const TRIGGERS = ['schedule', 'misfire', 'manual', 'chain', 'retry'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** What `GET /events` tells of. */
export const EVENT_KINDS = ['job', 'run'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Why a run is where it is, when its status alone does not say. */
export const REASONS = [
  'overlap',
  'misfire',
  'start_timeout',
  'execution_timeout',
  'cancel_timeout',
  'requested',
  'job_deleted',
  'lost',
] as const;
export type Reason = (typeof REASONS)[number];

export const MISFIRE_POLICIES = ['fire_once', 'skip', 'fire_all'] as const;
export type MisfirePolicy = (typeof MISFIRE_POLICIES)[number];

export const RETRY_BACKOFFS = ['fixed', 'exponential'] as const;
export type RetryBackoff = (typeof RETRY_BACKOFFS)[number];

export const ACTIONS = ['run', 'cancel'] as const;
export type Action = (typeof ACTIONS)[number];

export const SCOPES = ['jobs:read', 'jobs:write', 'runs:read', 'runs:write'] as const;
export type Scope = (typeof SCOPES)[number];

/** Job names and work queue names. */
export const NAME_PATTERN: RegExp = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
/** Run ids, on every store. */
export const RUN_ID_PATTERN: RegExp = /^[0-9a-f]{24}$/;

/** Defaults of a job's fields; durations in ms. */
export const JOB_DEFAULTS = {
  timezone: 'UTC',
  enabled: true,
  misfirePolicy: 'fire_once',
  misfireLimit: 100,
  misfireGrace: 60_000,
  runStartTimeout: 0,
  runExecutionTimeout: 0,
  cancelTimeout: 60_000,
  heartbeatTimeout: 0,
  maxRetries: 0,
  retryBackoff: 'exponential',
  retryDelay: 1_000,
  retryMaxDelay: 3_600_000,
  maxRestarts: 0,
  jitter: 0,
  allowConcurrentRuns: false,
  maxQueueCount: 0,
} as const;

export const LIMITS = {
  /** Bytes of a payload as JSON. */
  payloadBytes: 64 * 1024,
  /** Bytes of an output as JSON; longer text is cut and marked. */
  outputBytes: 64 * 1024,
  /** Characters of `error`. */
  errorChars: 8 * 1024,
  /** Characters of `workerId`, `message` and the like. */
  labelChars: 256,
  descriptionChars: 2_000,
  /** Entries of `meta`, and characters of one key or value. */
  metaEntries: 64,
  metaChars: 256,
  /** Longest duration of any field: ten years. */
  durationMs: 10 * 365 * 24 * 3_600_000,
  /** Bytes of a request body, and of an action. */
  bodyBytes: 1024 * 1024,
  /** Bytes of a status or a heartbeat: as long as brokers let messages be, as one that is refused may be the end of its run. */
  messageBytes: 16 * 1024 * 1024,
  /** Lists and objects within each other in a status or a heartbeat. */
  messageLevels: 1_000,
  pageDefault: 50,
  pageMax: 500,
  nextTicksMax: 1_000,
} as const;
