/** Names and units of a job's fields at the JSON edge and in its record. */
import { JOB_DEFAULTS, type JobCreate, type JobPatch, metaField, payloadProblem } from '@simple-scheduler/contracts';
import type { JobRecord } from '@simple-scheduler/core';
import { refuseWith, type RuleProblem } from './job-rules.ts';
import { mergePatch } from './merge-patch.ts';

/** Fields of which more follows than their own value, and the target, which is always the same. */
type OtherName = 'name' | 'interval' | 'cron' | 'timezone' | 'nextRunAt' | 'startAt' | 'endAt' | 'target';

/** All other fields, which change nothing but themselves: edge name → record name. */
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
} as const satisfies Record<Exclude<keyof JobCreate, OtherName>, keyof JobRecord>;
type PlainName = keyof typeof PLAIN_FIELDS;

/** Plain fields that a job may lack. For `payload`, null is a value: only a replacement takes it away. */
const OPTIONAL = (Object.keys(PLAIN_FIELDS) as PlainName[]).filter((name) => !isDefaulted(name));

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
    plain: { ...plainFields(patch), ...(patch.meta == null ? {} : { meta: mergedLabels({}, patch.meta) }) },
    cleared: OPTIONAL.filter((name) => name !== 'payload' && patch[name] === null).map((name) => PLAIN_FIELDS[name]),
    ...(interval !== undefined ? { intervalMs: interval } : typeof cron === 'string' ? { intervalMs: null } : {}),
    ...(cron !== undefined ? { cron } : typeof interval === 'number' ? { cron: null } : {}),
    ...(patch.timezone === undefined ? {} : { timezone: patch.timezone ?? JOB_DEFAULTS.timezone }),
    ...instantWish('nextRunAt', patch.nextRunAt),
    ...instantWish('startAt', patch.startAt),
    ...instantWish('endAt', patch.endAt),
    declared: false,
  };
}

/**
 * The same of a JSON merge patch (RFC 7396), whose `meta` and `payload` go into those of the job: it has to be made anew
 * for each revision of that. Here, `null` takes the payload away.
 * @throws ValidationError where they outgrow their limits together
 */
export function wishOfMergePatch(job: JobRecord, { meta, payload, ...others }: JobPatch): JobWish {
  const wish = wishOfPatch(others);
  const merged = {
    ...(meta == null ? {} : { meta: mergedLabels(job.meta, meta) }),
    ...(payload == null ? {} : { payload: mergePatch(job.payload, payload) }),
  };
  refuseWith(problemsOfMerged(merged));
  const cleared = [...(meta === null ? ['meta' as const] : []), ...(payload === null ? ['payload' as const] : [])];
  return { ...wish, plain: { ...wish.plain, ...merged }, cleared: [...wish.cleared, ...cleared] };
}

function problemsOfMerged({ meta, payload }: Pick<JobRecord, 'meta' | 'payload'>): RuleProblem[] {
  const ofMeta = metaField.optional().safeParse(meta).error?.issues[0]?.message;
  const ofPayload = payload === undefined ? undefined : payloadProblem(payload);
  return [
    ...(ofMeta === undefined ? [] : [{ path: 'meta', message: `${ofMeta} together with those that it has` }]),
    ...(ofPayload === undefined ? [] : [{ path: 'payload', message: `${ofPayload} together with what it holds` }]),
  ];
}

const mergedLabels = (labels: JobRecord['meta'], patch: JobPatch['meta']): Record<string, string> =>
  mergePatch(labels, patch) as Record<string, string>;

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

/** Plain fields by their names in the record. In a patch, `null` is the default of a field that has one. */
export function plainFields(input: JobPatch | Omit<JobCreate, 'name'>): Partial<JobRecord> {
  const fields: Record<string, unknown> = {};
  for (const [edge, record] of Object.entries(PLAIN_FIELDS)) {
    const given: unknown = input[edge as PlainName];
    const value = given === null && isDefaulted(edge) ? JOB_DEFAULTS[edge] : given;
    if (value !== undefined && (value !== null || edge === 'payload')) fields[record] = value;
  }
  return fields;
}

function isDefaulted(name: string): name is keyof typeof JOB_DEFAULTS {
  return Object.hasOwn(JOB_DEFAULTS, name);
}
