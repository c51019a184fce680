import type { z } from 'zod';

/** What the names of all settings begin with. */
export const PREFIX = 'SIMPLE_SCHEDULER_';

export type ServiceName = 'scheduler' | 'custodian' | 'api' | 'executor' | 'standalone' | 'cli';

/** One environment variable. `T` is what its text becomes. */
export interface Variable<T> {
  /** Without the prefix. */
  readonly name: string;
  readonly help: string;
  /** A value as someone would write it, for error messages. */
  readonly example: string;
  /** Read as if it had been written; absent: the variable may be missing. */
  readonly fallback?: string;
  /** Its text is never shown, not even when it is wrong. */
  readonly secret?: boolean;
  readonly schema: z.ZodType<T, string>;
}

/** What `T` is when the variable may be missing. */
export type ValueOf<V> =
  V extends Variable<infer T> ? (V extends { readonly fallback: string } ? T : T | undefined) : never;

export function fullName(variable: { readonly name: string }): string {
  return `${PREFIX}${variable.name}`;
}
