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

/** UTF-8 bytes of a value as JSON; without node:, as the contracts run anywhere. */
export function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value) ?? '').length;
}

/** Depth of a JSON value that is still accepted; deeper ones break recursive consumers. */
const MAX_DEPTH = 64;

export function jsonDepthWithin(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return false;
    level = level.flatMap((v) => (v !== null && typeof v === 'object' ? Object.values(v) : []));
  }
  return true;
}

/** Parsers read `1e999` as infinite, which JSON cannot write: it would become null on its way to the worker. */
function hasOnlyFiniteNumbers(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return value === null || typeof value !== 'object' || Object.values(value).every(hasOnlyFiniteNumbers);
}

/** Any JSON value up to `LIMITS.payloadBytes`. */
export const payloadField: z.ZodType<unknown> = z
  .unknown()
  // The rules after it walk the value by recursion, so they must not see one that is too deep.
  .refine((v) => jsonDepthWithin(v, MAX_DEPTH), {
    error: `must not be nested deeper than ${MAX_DEPTH} levels`,
    abort: true,
  })
  .refine(hasOnlyFiniteNumbers, { error: 'must hold only numbers that fit 64-bit floating point' })
  .refine((v) => jsonBytes(v) <= LIMITS.payloadBytes, { error: `must be at most ${LIMITS.payloadBytes} bytes as JSON` })
  .meta({ description: 'Any JSON, handed to the worker with each run. At most 64 KiB.', examples: [{ to: 'team' }] });

export const metaField: z.ZodType<Record<string, string>> = z
  .record(z.string().min(1).max(LIMITS.metaChars), z.string().max(LIMITS.metaChars))
  .refine((m) => Object.keys(m).length <= LIMITS.metaEntries, {
    error: `must have at most ${LIMITS.metaEntries} entries`,
  })
  .meta({ description: 'Labels of your own, text to text.', examples: [{ team: 'billing' }] });
