import { z } from 'zod';
import { instantField, nameField } from './fields.ts';
import { LIMITS, RUN_STATUSES } from './vocabulary.ts';

const limitField = z.coerce
  .number({ error: 'must be a whole number' })
  .int({ error: 'must be a whole number' })
  .min(1, { error: 'must be at least 1' })
  .max(LIMITS.pageMax, { error: `must be at most ${LIMITS.pageMax}` })
  .default(LIMITS.pageDefault)
  .meta({ description: `Rows of a page, 1 to ${LIMITS.pageMax}.` });
const cursorField = z
  .string()
  .min(1)
  .max(1_024)
  .meta({ description: 'Where the page starts: taken from a `Link` header.' });

/** `GET /jobs`. Labels come as `meta.KEY=VALUE` and are read beside this schema. */
export const jobsQuerySchema = z.object({
  limit: limitField,
  cursor: cursorField.optional(),
  name: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Only the job of this name; a final `*` matches any ending.' }),
  enabled: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .transform((v) => v === 'true')
    .optional(),
});

/** `GET /runs`. `status` may be repeated or be a comma-separated list. */
export const runsQuerySchema = z.object({
  limit: limitField,
  cursor: cursorField.optional(),
  jobName: nameField.optional(),
  status: z
    .union([z.string(), z.array(z.string())])
    .transform((v) => (Array.isArray(v) ? v : [v]).flatMap((s) => s.split(',')))
    .pipe(z.array(z.enum(RUN_STATUSES, { error: `must be one of ${RUN_STATUSES.join(', ')}` })))
    .optional(),
  createdAfter: instantField.optional().meta({ description: 'Only runs created at or after this.' }),
  createdBefore: instantField.optional().meta({ description: 'Only runs created before this.' }),
  startedBefore: instantField.optional(),
  heartbeatBefore: instantField.optional(),
});

/** `GET /jobs/:name/ticks`. */
export const ticksQuerySchema = z.object({
  limit: limitField,
  cursor: cursorField.optional(),
  from: instantField.optional().meta({ description: 'Ticks at or after this. Default: 24 hours before `to`.' }),
  to: instantField
    .optional()
    .meta({ description: 'Ticks at or before this. Default: now, or 24 hours after `from` where that is to come.' }),
});

export const nextTicksQuerySchema = z.object({
  count: z.coerce.number().int().min(1).max(LIMITS.nextTicksMax).default(10).meta({ description: 'How many ticks.' }),
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
