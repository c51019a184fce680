import { z } from 'zod';
import { LIMITS, NAME_PATTERN, RUN_ID_PATTERN } from './vocabulary.ts';

const NAME_HELP = 'letters, digits, ".", "_" and "-", starting with a letter or digit, at most 200 characters';

export const nameField = z
  .string({ error: (issue) => (issue.input === undefined ? 'is missing' : `must be ${NAME_HELP}`) })
  .regex(NAME_PATTERN, { error: `must be ${NAME_HELP}` })
  .meta({ description: `Name: ${NAME_HELP}.`, examples: ['send-report'] });

export const runIdField = z
  .string()
  .regex(RUN_ID_PATTERN, { error: 'must be 24 lower-case hexadecimal characters' })
  .meta({ description: 'Run id: 24 lower-case hexadecimal characters.', examples: ['0193a1b2c3d4e5f601234567'] });

const HOW_INSTANTS_LOOK = 'must be a time like 2026-03-01T08:00:00.000Z (RFC 3339 with a zone offset)';
const LATEST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const DATE_TIME = z.regexes.datetime({ offset: true });
/** As the OpenAPI document tells it: with the years that are accepted. */
const IN_OUR_YEARS = DATE_TIME.source.replace('^', '^(?=19[7-9]\\d|[2-9]\\d{3})');

/** An instant as people send it: RFC 3339 with any offset. Kept as text; `Date.parse` turns it into epoch ms. */
export const instantField = z
  .string({ error: HOW_INSTANTS_LOOK })
  .regex(DATE_TIME, { error: HOW_INSTANTS_LOOK, abort: true })
  .refine((text) => Date.parse(text) >= 0 && Date.parse(text) <= LATEST_INSTANT, {
    error: 'must lie in the years 1970 to 9999',
  })
  .meta({
    format: 'date-time',
    pattern: IN_OUR_YEARS,
    description: 'Instant, RFC 3339; answers are in UTC with milliseconds.',
    examples: ['2026-03-01T08:00:00.000Z'],
  });

/** A whole number of milliseconds; `min` 0 means that zero is allowed and, mostly, "none". */
export function durationField(options: { min: 0 | 1; description: string }): z.ZodNumber {
  return z
    .number({ error: 'must be a whole number of milliseconds' })
    .int({ error: 'must be a whole number of milliseconds' })
    .min(options.min, { error: options.min === 1 ? 'must be at least 1 ms' : 'must not be negative' })
    .max(LIMITS.durationMs, { error: 'must be at most ten years' })
    .meta({ description: `${options.description} Milliseconds.`, examples: [60_000] });
}

export function countField(options: { min: number; max: number; description: string }): z.ZodNumber {
  return z
    .number({ error: 'must be a whole number' })
    .int({ error: 'must be a whole number' })
    .min(options.min, { error: `must be at least ${options.min}` })
    .max(options.max, { error: `must be at most ${options.max}` })
    .meta({ description: options.description });
}

/** Counted before it is looked into: a body has room for eighty thousand labels, and each wrong one is an error. */
const fewLabels = z
  .unknown()
  .refine((m) => typeof m !== 'object' || m === null || Object.keys(m).length <= LIMITS.metaEntries, {
    error: `must have at most ${LIMITS.metaEntries} entries`,
    abort: true,
  });

const labelText = z.string().max(LIMITS.metaChars);

function labelsField<V extends string | null>(
  text: z.ZodType<V>,
  about: { type: string | readonly string[]; description: string },
): z.ZodType<Record<string, V>> {
  return fewLabels.pipe(z.record(z.string().min(1).max(LIMITS.metaChars), text)).meta({
    // In words of JSON Schema, which the generator does not find behind the count.
    type: 'object',
    propertyNames: { type: 'string', minLength: 1, maxLength: LIMITS.metaChars },
    additionalProperties: { type: about.type, maxLength: LIMITS.metaChars },
    maxProperties: LIMITS.metaEntries,
    description: about.description,
    examples: [{ team: 'billing' }],
  });
}

export const metaField: z.ZodType<Record<string, string>> = labelsField(labelText, {
  type: 'string',
  description: 'Labels of your own, text to text.',
});
export const metaPatchField: z.ZodType<Record<string, string | null>> = labelsField(labelText.nullable(), {
  type: ['string', 'null'],
  description: 'Labels of your own, text to text; `null`: not this one.',
});
