import { z } from 'zod';
import { countField, durationField, instantField, metaField, metaPatchField, nameField } from './fields.ts';
import { payloadField } from './payload.ts';
import { JOB_DEFAULTS, LIMITS, MISFIRE_POLICIES, RETRY_BACKOFFS } from './vocabulary.ts';

/** Fields of the contract that no part serves yet: refused by name, so that nobody relies on them by accident. */
export const UNSUPPORTED_JOB_FIELDS = ['onSuccess', 'onFailure'] as const;

/** Fields that the service sets; an input that carries one is refused. */
export const READ_ONLY_JOB_FIELDS = [
  'managerId',
  'heartbeat',
  'completedAt',
  'createdAt',
  'updatedAt',
  'revision',
] as const;

const descriptionField = z
  .string()
  .max(LIMITS.descriptionChars)
  .meta({ description: 'What the job is for.', examples: ['Mails the weekly report'] });
const enabledField = z.boolean().meta({ description: 'Whether its ticks start runs.' });
const intervalField = durationField({
  min: 1,
  description: 'Time between ticks, on the grid `nextRunAt + k × interval`.',
});
const cronField = z
  .string()
  .max(256, { error: 'must be at most 256 characters' })
  .meta({
    description: 'Cron expression with 5 or 6 (seconds first) fields, or a macro such as `@daily`.',
    format: 'cron',
    examples: ['30 8 * * 1-5', '*/10 * * * * *'],
  });
const timezoneField = z
  .string()
  .max(64, { error: 'must be at most 64 characters' })
  .meta({ description: 'IANA zone in which `cron` is read.', format: 'iana-timezone', examples: ['Europe/Berlin'] });
const targetField = z
  .strictObject({
    type: z.literal('worker', { error: 'only the target type "worker" is available' }),
  })
  .meta({ id: 'Target', description: 'Who does the work. Only workers on the message bus so far.' });

/** The settable fields of a job, without defaults and without the rules between fields. */
const settable = {
  description: descriptionField,
  enabled: enabledField,
  interval: intervalField,
  cron: cronField,
  timezone: timezoneField,
  nextRunAt: instantField.meta({ description: "Next tick. Default: the schedule's first tick." }),
  misfirePolicy: z.enum(MISFIRE_POLICIES).meta({ description: 'What happens to ticks missed while nothing was up.' }),
  misfireLimit: countField({ min: 1, max: 1_000, description: 'Most runs that `fire_all` makes up for.' }),
  misfireGrace: durationField({ min: 0, description: 'A tick older than this counts as missed.' }),
  runStartTimeout: durationField({ min: 0, description: 'Longest wait of a published run for its worker; 0: none.' }),
  runExecutionTimeout: durationField({ min: 0, description: 'Longest time in `running`; 0: none.' }),
  cancelTimeout: durationField({ min: 0, description: 'Longest time in `cancelling`; 0: none.' }),
  heartbeatTimeout: durationField({ min: 0, description: 'Longest silence of a running worker; 0: no watch.' }),
  maxRetries: countField({
    min: 0,
    max: 1_000,
    description: 'Failures after which a run is tried again; then it is `dead`.',
  }),
  retryBackoff: z.enum(RETRY_BACKOFFS).meta({
    description: 'How the delay before a retry grows: not at all, or doubling with full jitter.',
  }),
  retryDelay: durationField({ min: 0, description: 'Delay before the first retry.' }),
  retryMaxDelay: durationField({ min: 0, description: 'Longest delay before a retry.' }),
  maxRestarts: countField({
    min: 0,
    max: 1_000,
    description: 'Attempts lost with their workers after which a run fails, reason `lost`; 0: no bound.',
  }),
  startAt: instantField.meta({ description: 'No tick before this moment.' }),
  endAt: instantField.meta({ description: 'No tick after this moment.' }),
  jitter: durationField({ min: 0, description: 'Each tick starts later by up to this, by an amount of its own.' }),
  retentionCount: countField({
    min: 0,
    max: 1_000_000,
    description: "Newest runs whose records are kept; 0: no bound. Default: the custodian's `RETENTION_COUNT`.",
  }),
  retentionAge: durationField({
    min: 0,
    description: "How long records of ended runs are kept; 0: no bound. Default: the custodian's `RETENTION_AGE`.",
  }),
  allowConcurrentRuns: z.boolean().meta({ description: 'Whether runs of this job may overlap.' }),
  maxQueueCount: countField({ min: 0, max: 10_000, description: 'Runs that may wait for the active one.' }),
  payload: payloadField,
  meta: metaField,
  workQueue: nameField.meta({ description: 'Work queue that this job shares with others.' }),
  target: targetField,
};

/** Each is in both shapes below, or it does not compile: their objects are loose, and take unchecked what is in none. */
type SettableName = keyof typeof settable;
export const SETTABLE_JOB_FIELDS = Object.keys(settable) as readonly SettableName[];

/** What is said of fields together is said also where the value of one is wrong, so that one answer tells everything. */
const EVEN_WHEN_INVALID = { when: (): boolean => true };

/** Reports unknown, read-only and not yet served fields by name, before anything else is looked at. */
function checkFieldNames(value: unknown, ctx: z.core.$RefinementCtx, allowed: readonly string[]): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return;
  for (const key of Object.keys(value)) {
    if (allowed.includes(key)) continue;
    ctx.addIssue({ code: 'custom', path: [key], message: fieldNameProblem(key), input: value });
  }
}

function fieldNameProblem(key: string): string {
  if ((UNSUPPORTED_JOB_FIELDS as readonly string[]).includes(key)) return 'is not available yet; leave it out';
  if ((READ_ONLY_JOB_FIELDS as readonly string[]).includes(key)) return 'is read-only; leave it out';
  return 'is not a field of a job';
}

/** Rules between fields that hold for every complete job. `null` stands for absent (in a patch). */
export function checkSchedule(job: {
  interval?: number | null | undefined;
  cron?: string | null | undefined;
}): { path: string; message: string } | undefined {
  if (typeof job.interval === 'number' && typeof job.cron === 'string') {
    return { path: 'cron', message: 'a job has one schedule: give interval or cron, not both' };
  }
  return undefined;
}

/** What `checkSchedule` refuses, for those who read the OpenAPI document. */
const notTwoSchedules = (absent: 'absent' | 'null'): object => ({
  required: ['interval', 'cron'],
  ...(absent === 'null' ? { properties: { interval: { type: 'integer' }, cron: { type: 'string' } } } : {}),
});

function scheduleRule(
  job: { interval?: number | null | undefined; cron?: string | null | undefined },
  ctx: z.core.$RefinementCtx,
): void {
  // Also of what is no object.
  const problem = checkSchedule(job ?? {});
  if (problem) ctx.addIssue({ code: 'custom', path: [problem.path], message: problem.message, input: job });
}

const createShape = {
  name: nameField,
  description: settable.description.optional(),
  enabled: settable.enabled.default(JOB_DEFAULTS.enabled),
  interval: settable.interval.optional(),
  cron: settable.cron.optional(),
  timezone: settable.timezone.default(JOB_DEFAULTS.timezone),
  nextRunAt: settable.nextRunAt.optional(),
  misfirePolicy: settable.misfirePolicy.default(JOB_DEFAULTS.misfirePolicy),
  misfireLimit: settable.misfireLimit.default(JOB_DEFAULTS.misfireLimit),
  misfireGrace: settable.misfireGrace.default(JOB_DEFAULTS.misfireGrace),
  runStartTimeout: settable.runStartTimeout.default(JOB_DEFAULTS.runStartTimeout),
  runExecutionTimeout: settable.runExecutionTimeout.default(JOB_DEFAULTS.runExecutionTimeout),
  cancelTimeout: settable.cancelTimeout.default(JOB_DEFAULTS.cancelTimeout),
  heartbeatTimeout: settable.heartbeatTimeout.default(JOB_DEFAULTS.heartbeatTimeout),
  maxRetries: settable.maxRetries.default(JOB_DEFAULTS.maxRetries),
  retryBackoff: settable.retryBackoff.default(JOB_DEFAULTS.retryBackoff),
  retryDelay: settable.retryDelay.default(JOB_DEFAULTS.retryDelay),
  retryMaxDelay: settable.retryMaxDelay.default(JOB_DEFAULTS.retryMaxDelay),
  maxRestarts: settable.maxRestarts.default(JOB_DEFAULTS.maxRestarts),
  startAt: settable.startAt.optional(),
  endAt: settable.endAt.optional(),
  jitter: settable.jitter.default(JOB_DEFAULTS.jitter),
  retentionCount: settable.retentionCount.optional(),
  retentionAge: settable.retentionAge.optional(),
  allowConcurrentRuns: settable.allowConcurrentRuns.default(JOB_DEFAULTS.allowConcurrentRuns),
  maxQueueCount: settable.maxQueueCount.default(JOB_DEFAULTS.maxQueueCount),
  payload: settable.payload.optional(),
  meta: settable.meta.optional(),
  workQueue: settable.workQueue.optional(),
  target: settable.target.default({ type: 'worker' }),
} satisfies Record<SettableName | 'name', z.ZodType>;

/** `POST /jobs`: the fields with their defaults applied. Unknown fields are refused by name. */
export const jobCreateSchema = z
  .looseObject(createShape)
  .superRefine((v, ctx) => checkFieldNames(v, ctx, ['name', ...SETTABLE_JOB_FIELDS]), EVEN_WHEN_INVALID)
  .superRefine(scheduleRule, EVEN_WHEN_INVALID)
  .meta({
    id: 'JobCreate',
    additionalProperties: false,
    not: notTwoSchedules('absent'),
    description: 'A job as it is created.',
    examples: [{ name: 'send-report', cron: '30 8 * * 1-5', timezone: 'Europe/Berlin', payload: { to: 'team' } }],
  });
export type JobCreate = z.output<z.ZodObject<typeof createShape>>;
/** What a client sends to create a job: only the name is needed. */
export type JobInput = z.input<z.ZodObject<typeof createShape>>;

/** `PUT /jobs/:name`: as `POST`; the name may be left out, and must be the path's where it is given. */
export const jobPutSchema = z
  .looseObject({ ...createShape, name: nameField.optional() })
  .superRefine((v, ctx) => checkFieldNames(v, ctx, ['name', ...SETTABLE_JOB_FIELDS]), EVEN_WHEN_INVALID)
  .superRefine(scheduleRule, EVEN_WHEN_INVALID)
  .meta({
    id: 'JobReplacement',
    additionalProperties: false,
    not: notTwoSchedules('absent'),
    description: 'A whole job as it replaces another.',
    examples: [{ interval: 60_000, payload: { to: 'team' } }],
  });

const patchShape = {
  description: settable.description.nullable().optional(),
  enabled: settable.enabled.nullable().optional(),
  interval: settable.interval.nullable().optional(),
  cron: settable.cron.nullable().optional(),
  timezone: settable.timezone.nullable().optional(),
  nextRunAt: settable.nextRunAt.nullable().optional(),
  misfirePolicy: settable.misfirePolicy.nullable().optional(),
  misfireLimit: settable.misfireLimit.nullable().optional(),
  misfireGrace: settable.misfireGrace.nullable().optional(),
  runStartTimeout: settable.runStartTimeout.nullable().optional(),
  runExecutionTimeout: settable.runExecutionTimeout.nullable().optional(),
  cancelTimeout: settable.cancelTimeout.nullable().optional(),
  heartbeatTimeout: settable.heartbeatTimeout.nullable().optional(),
  maxRetries: settable.maxRetries.nullable().optional(),
  retryBackoff: settable.retryBackoff.nullable().optional(),
  retryDelay: settable.retryDelay.nullable().optional(),
  retryMaxDelay: settable.retryMaxDelay.nullable().optional(),
  maxRestarts: settable.maxRestarts.nullable().optional(),
  startAt: settable.startAt.nullable().optional(),
  endAt: settable.endAt.nullable().optional(),
  jitter: settable.jitter.nullable().optional(),
  retentionCount: settable.retentionCount.nullable().optional(),
  retentionAge: settable.retentionAge.nullable().optional(),
  allowConcurrentRuns: settable.allowConcurrentRuns.nullable().optional(),
  maxQueueCount: settable.maxQueueCount.nullable().optional(),
  payload: settable.payload.optional(),
  meta: metaPatchField.nullable().optional(),
  workQueue: settable.workQueue.nullable().optional(),
  target: settable.target.nullable().optional(),
} satisfies Record<SettableName, z.ZodType>;

/** `PATCH /jobs/:name`: what is given changes, `null` takes a field away, or back to its default where it has one. */
export const jobPatchSchema = z
  .looseObject(patchShape)
  .superRefine((v, ctx) => checkFieldNames(v, ctx, SETTABLE_JOB_FIELDS), EVEN_WHEN_INVALID)
  .superRefine(scheduleRule, EVEN_WHEN_INVALID)
  .meta({
    id: 'JobPatch',
    additionalProperties: false,
    not: notTwoSchedules('null'),
    description: 'Changes to a job.',
    examples: [{ interval: 30_000, description: null }],
  });
export type JobPatch = z.output<z.ZodObject<typeof patchShape>>;

/** A job as the API shows it. Absent is absent. */
export const jobSchema = z
  .object({
    ...createShape,
    nextRunAt: instantField.optional(),
    managerId: z.string().optional().meta({ description: 'Scheduler that holds the job.' }),
    heartbeat: instantField.optional().meta({ description: 'Last sign of life of that scheduler.' }),
    completedAt: instantField.optional().meta({ description: 'When the run of a once job was created.' }),
    createdAt: instantField,
    updatedAt: instantField,
    revision: z.number().int().meta({ description: 'Grows with each change; the ETag is made of it.' }),
  })
  .meta({ id: 'Job', description: 'What to run, when, and under which policies.' });
export type Job = z.output<typeof jobSchema>;
