import { z } from 'zod';
import { countField, instantField, nameField } from './fields.ts';
import { LIMITS, RUN_STATUSES, type RunStatus } from './vocabulary.ts';

/** Digits and nothing else: what JavaScript also takes for a number (`0x10`, `1e2`, blanks) is more likely a mistake. */
const DIGITS = /^[0-9]+$/;
/** 1 to `max`, as the text of a query has it; `usual` where there is none. */
function countParameter(range: { max: number; usual: number; description: string }): z.ZodDefault<z.ZodType<number>> {
  const { max, usual } = range;
  // In words: zod leaves the default of what is transformed out of the OpenAPI document.
  const description = `${range.description} ${usual} where it is not given.`;
  return z
    .preprocess(
      (given) => (typeof given === 'string' && DIGITS.test(given) ? Number(given) : given),
      countField({ min: 1, max, description }),
    )
    .default(usual)
    .meta({ description });
}
const limitField = countParameter({
  max: LIMITS.pageMax,
  usual: LIMITS.pageDefault,
  description: `Rows of a page, 1 to ${LIMITS.pageMax}.`,
});
/** Of one form, so that what is none is refused and all others are places in a list; what they hold is nobody's business. */
const cursorField = (pattern: RegExp): z.ZodString =>
  z
    .string({ error: 'is given more than once' })
    .regex(pattern, { error: 'must be taken from a Link header' })
    .meta({ description: 'Where the page starts: taken from a `Link` header.' });
/** Up to 200 bytes in base64url, with zeros where the last character has bits to spare. */
const JOBS_CURSOR =
  /^([A-Za-z0-9_-]{4}){0,66}([A-Za-z0-9_-]{4}|[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])$/;
/** 12 bytes. */
const RUNS_CURSOR = /^[A-Za-z0-9_-]{16}$/;
const TICKS_CURSOR = /^[A-Za-z0-9_-]{1,1024}$/;

/**
 * How the document tells of labels: an object in a query is, by default, a parameter for each member. By itself there is
 * no such parameter.
 */
const labelsParameter = z
  .undefined({ error: 'must be written as meta.KEY=VALUE' })
  .optional()
  .meta({
    type: 'object',
    propertyNames: { pattern: '^meta\\.', maxLength: 'meta.'.length + LIMITS.metaChars },
    additionalProperties: { type: 'string', maxLength: LIMITS.metaChars },
    description: 'Only jobs with these labels, each as a parameter of its own: `meta.KEY=VALUE`.',
    examples: [{ 'meta.team': 'billing' }],
  });

/** `GET /jobs`. Labels come as `meta.KEY=VALUE` and are read beside this schema. */
export const jobsQuerySchema = z.object({
  limit: limitField,
  cursor: cursorField(JOBS_CURSOR).optional(),
  name: z
    .string({ error: 'is given more than once' })
    .min(1, { error: 'must not be empty' })
    .max(201, { error: 'must be at most 200 characters' })
    .optional()
    .meta({ description: 'Only the job of this name; a final `*` matches any ending.' }),
  enabled: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .transform((v) => v === 'true')
    .optional(),
  meta: labelsParameter,
});

const STATUS_HELP = `must be one of ${RUN_STATUSES.join(', ')}`;
const statusList = z
  .string()
  .regex(new RegExp(`^(${RUN_STATUSES.join('|')})(,(${RUN_STATUSES.join('|')}))*$`), { error: STATUS_HELP });

/** `GET /runs`. `status` may be repeated or be a comma-separated list. */
export const runsQuerySchema = z.object({
  limit: limitField,
  cursor: cursorField(RUNS_CURSOR).optional(),
  jobName: nameField.optional(),
  status: z
    .union([statusList, z.array(statusList).min(1)], { error: STATUS_HELP })
    .transform((v) => (Array.isArray(v) ? v : [v]).flatMap((s) => s.split(',')) as RunStatus[])
    .optional()
    .meta({ description: 'Only runs in one of these; repeated, or with commas.' }),
  createdAfter: instantField.optional().meta({ description: 'Only runs created at or after this.' }),
  createdBefore: instantField.optional().meta({ description: 'Only runs created before this.' }),
  startedBefore: instantField.optional(),
  heartbeatBefore: instantField.optional(),
});

/** `GET /jobs/:name/ticks`. */
export const ticksQuerySchema = z.object({
  limit: limitField,
  cursor: cursorField(TICKS_CURSOR).optional(),
  from: instantField.optional().meta({ description: 'Ticks at or after this. Default: 24 hours before `to`.' }),
  to: instantField
    .optional()
    .meta({ description: 'Ticks at or before this. Default: now, or 24 hours after `from` where that is to come.' }),
});

export const nextTicksQuerySchema = z.object({
  count: countParameter({ max: LIMITS.nextTicksMax, usual: 10, description: 'How many ticks.' }),
});

/** Answer of `GET /jobs/:name/next`: the instants at which the job is due next, earliest first. */
export const nextTicksSchema = z
  .array(instantField)
  .meta({ id: 'NextTicks', description: 'Next ticks, earliest first.' });
export type NextTicks = z.output<typeof nextTicksSchema>;

export const statusSchema = z
  .object({ status: z.literal('OK'), version: z.string(), time: instantField })
  .meta({ id: 'Status', description: 'Answer of a living API.' });
export type Status = z.output<typeof statusSchema>;
