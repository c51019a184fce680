import { definePart } from '../part.ts';
import type { SettingsPart } from '../part.ts';
import { durationMs, wholeNumber } from '../values.ts';

const DAY_MS = 86_400_000;

/** Signs of life of schedulers, and when one counts as dead. */
export interface HeartbeatSettings {
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
}

/**
 * Fewer cannot work. With two, one heartbeat that fails makes a scheduler pause, as it acts for most of the timeout only (see
 * `mayAct`); with the defaults it may miss five.
 */
const HEARTBEATS_PER_TIMEOUT = 2;

export const heartbeatSettings: SettingsPart<HeartbeatSettings> = definePart(
  {
    heartbeatIntervalMs: {
      name: 'HEARTBEAT_INTERVAL',
      help: 'How often a scheduler renews its heartbeat, ms.',
      example: '1000',
      fallback: '1000',
      schema: durationMs({ min: 10, max: DAY_MS }),
    },
    heartbeatTimeoutMs: {
      name: 'HEARTBEAT_TIMEOUT',
      help: 'After how long without one its jobs are freed, ms. The same for schedulers and custodians.',
      example: '10000',
      fallback: '10000',
      schema: durationMs({ min: 30, max: DAY_MS }),
    },
  },
  (values, { service, given, refuse }) => {
    // A custodian does not beat: it can only compare with what it was told.
    const comparable = service !== 'custodian' || given('heartbeatIntervalMs');
    const leastMs = HEARTBEATS_PER_TIMEOUT * values.heartbeatIntervalMs;
    if (comparable && values.heartbeatTimeoutMs < leastMs) {
      refuse(
        'heartbeatTimeoutMs',
        `must be at least ${HEARTBEATS_PER_TIMEOUT} times HEARTBEAT_INTERVAL (${values.heartbeatIntervalMs}), that is ${leastMs}`,
      );
    }
    return values;
  },
);

export interface CleanupSettings {
  readonly cleanupIntervalMs: number;
}

export const cleanupSettings: SettingsPart<CleanupSettings> = definePart(
  {
    cleanupIntervalMs: {
      name: 'CLEANUP_INTERVAL',
      help: 'How often a scheduler looks for stuck runs, and a custodian for jobs of dead schedulers and old runs, ms.',
      example: '5000',
      fallback: '5000',
      schema: durationMs({ min: 10, max: DAY_MS }),
    },
  },
  (values) => values,
);

export interface JobHoldingSettings {
  /** Most jobs that this scheduler takes; 0: no limit. */
  readonly maxJobs: number;
  readonly cacheRefreshIntervalMs: number;
}

export const jobHoldingSettings: SettingsPart<JobHoldingSettings> = definePart(
  {
    maxJobs: {
      name: 'MAX_JOBS',
      help: 'Most jobs that one scheduler takes; 0: no limit.',
      example: '500',
      fallback: '0',
      schema: wholeNumber({ min: 0, max: 100_000_000 }),
    },
    cacheRefreshIntervalMs: {
      name: 'CACHE_REFRESH_INTERVAL',
      help: 'How often a scheduler re-reads its jobs, ms; changes also arrive at once over the bus.',
      example: '30000',
      fallback: '30000',
      schema: durationMs({ min: 10, max: DAY_MS }),
    },
  },
  (values) => values,
);
