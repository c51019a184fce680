/** Names and units of a job's fields at the JSON edge and in its record. */
import type { JobCreate, JobPatch } from '@simple-scheduler/contracts';
import type { JobRecord } from '@simple-scheduler/core';

/** Fields that change nothing but themselves: edge name → record name. */
const PLAIN_FIELDS = {
  description: 'description',
  enabled: 'enabled',
  misfirePolicy: 'misfirePolicy',
  misfireLimit: 'misfireLimit',
  misfireGrace: 'misfireGraceMs',
  runStartTimeout: 'runStartTimeoutMs',
  runExecutionTimeout: 'runExecutionTimeoutMs',
  cancelTimeout: 'cancelTimeoutMs',
  heartbeatTimeout: 'heartbeatTimeoutMs',
  maxRetries: 'maxRetries',
  retryBackoff: 'retryBackoff',
  retryDelay: 'retryDelayMs',
  retryMaxDelay: 'retryMaxDelayMs',
  maxRestarts: 'maxRestarts',
  jitter: 'jitterMs',
  retentionCount: 'retentionCount',
  retentionAge: 'retentionAgeMs',
  allowConcurrentRuns: 'allowConcurrentRuns',
  maxQueueCount: 'maxQueueCount',
  payload: 'payload',
  meta: 'meta',
  workQueue: 'workQueue',
} as const satisfies Partial<Record<keyof JobCreate, keyof JobRecord>>;
type PlainName = keyof typeof PLAIN_FIELDS;

/** Plain fields that a job may lack. For `payload`, null is a value: only a replacement takes it away. */
const OPTIONAL: readonly PlainName[] = [
  'description',
  'payload',
  'meta',
  'workQueue',
  'retentionCount',
  'retentionAge',
];

/** A change that someone wishes. Absent: as it is; `null`: gone (for `plain`, listed in `cleared`). */
export interface JobWish {
  readonly plain: Partial<JobRecord>;
  readonly cleared: readonly (keyof JobRecord)[];
  readonly intervalMs?: number | null;
  readonly cron?: string | null;
  readonly timezone?: string;
  readonly nextRunAt?: number | null;
  readonly startAt?: number | null;
  readonly endAt?: number | null;
  /** Says how the job should be, not what to do to it: a `nextRunAt` that has been served is no wish to run again. */
  readonly declared: boolean;
}

/** Both schedules at once are refused before; giving one of them to a job with the other replaces that. */
export function wishOfPatch(patch: JobPatch): JobWish {
  const { interval, cron } = patch;
  return {
    plain: plainFields(patch),
    cleared: OPTIONAL.filter((name) => name !== 'payload' && patch[name] === null).map((name) => PLAIN_FIELDS[name]),
    ...(interval !== undefined ? { intervalMs: interval } : typeof cron === 'string' ? { intervalMs: null } : {}),
    ...(cron !== undefined ? { cron } : typeof interval === 'number' ? { cron: null } : {}),
    ...(patch.timezone === undefined ? {} : { timezone: patch.timezone }),
    ...instantWish('nextRunAt', patch.nextRunAt),
    ...instantWish('startAt', patch.startAt),
    ...instantWish('endAt', patch.endAt),
    declared: false,
  };
}

/** The whole job as it should be. A schedule's `nextRunAt` may be left to the schedule. */
export function wishOfReplacement(job: Omit<JobCreate, 'name'>): JobWish {
  const scheduled = job.interval !== undefined || job.cron !== undefined;
  const nextRunAt = job.nextRunAt === undefined ? (scheduled ? undefined : null) : Date.parse(job.nextRunAt);
  return {
    plain: plainFields(job),
    cleared: OPTIONAL.filter((name) => job[name] === undefined).map((name) => PLAIN_FIELDS[name]),
    intervalMs: job.interval ?? null,
    cron: job.cron ?? null,
    timezone: job.timezone,
    ...(nextRunAt === undefined ? {} : { nextRunAt }),
    ...instantWish('startAt', job.startAt ?? null),
    ...instantWish('endAt', job.endAt ?? null),
    declared: true,
  };
}

function instantWish<K extends 'nextRunAt' | 'startAt' | 'endAt'>(
  field: K,
  text: string | null | undefined,
): { readonly [F in K]?: number | null } {
  if (text === undefined) return {};
  return { [field]: text === null ? null : Date.parse(text) } as { [F in K]: number | null };
}

export function plainFields(input: JobPatch | Omit<JobCreate, 'name'>): Partial<JobRecord> {
  const fields: Record<string, unknown> = {};
  for (const [edge, record] of Object.entries(PLAIN_FIELDS)) {
    const value: unknown = input[edge as PlainName];
    if (value !== undefined && (value !== null || edge === 'payload')) fields[record] = value;
  }
  return fields;
}
