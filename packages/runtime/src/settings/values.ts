import { z } from 'zod';
import { parseAddress } from './address.ts';
import type { Address } from './address.ts';
import { Secret, withoutPassword } from './secret.ts';

/** A whole number in digits; `unit` goes into the message ("milliseconds"). */
export function wholeNumber(range: { min: number; max: number; unit?: string }): z.ZodType<number, string> {
  const of = range.unit === undefined ? '' : ` of ${range.unit}`;
  const error = `must be a whole number${of} from ${range.min} to ${range.max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, { error })
    .transform(Number)
    .refine((n) => n >= range.min && n <= range.max, { error });
}

export function durationMs(range: { min: number; max: number }): z.ZodType<number, string> {
  return wholeNumber({ ...range, unit: 'milliseconds' });
}

export function choice<const T extends readonly [string, ...string[]]>(values: T): z.ZodType<T[number], string> {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` }) as z.ZodType<T[number], string>;
}

export const flag: z.ZodType<boolean, string> = z
  .enum(['true', 'false', '1', '0'], { error: 'must be true or false' })
  .transform((text) => text === 'true' || text === '1');

export const address: z.ZodType<Address, string> = z.string().transform((text, context) => {
  const parsed = parseAddress(text);
  if (parsed !== null) return parsed;
  const hint = text.includes('://') ? ', without "http://" or a path' : '';
  context.addIssue({
    code: 'custom',
    message: `must be an address with a port, like ":8080", "host:8080" or "[::1]:8080"${hint}`,
  });
  return z.NEVER;
});

export const httpAddress: z.ZodType<string, string> = z
  .url({ protocol: /^https?$/, error: 'must be a URL that begins with http:// or https://' })
  .refine((text) => !/[?#]/.test(text), { error: 'must have no query and no fragment' });

/** Origins as browsers send them, with commas between them. */
export const webOrigins: z.ZodType<readonly string[], string> = z
  .string()
  .transform((text) => text.split(',').map((one) => one.trim()))
  .refine((origins) => origins.every(isWebOrigin), {
    error: 'must be origins like https://scheduler.example.org, without a path, with commas between them',
  });

function isWebOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.parse(text)?.origin === text;
}

/** Text of this form; `error` says which. */
export function textLike(pattern: RegExp, error: string): z.ZodType<string, string> {
  return z.string().regex(pattern, { error });
}

/** Kept from printing, but for what is not secret of a connection string. */
export const connectionString: z.ZodType<Secret, string> = z
  .string()
  .transform((text) => new Secret(text, withoutPassword(text)));
