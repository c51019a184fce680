import { z } from 'zod';
import { LIMITS } from './vocabulary.ts';

/** Arrays and objects around a value of a payload; deeper ones break recursive consumers. */
const DEPTH_MAX = 64;
/** Two bytes are the least that a value takes, with what parts it from the next. */
const VALUES_MAX = LIMITS.payloadBytes / 2;

const TOO_DEEP = `must not be nested deeper than ${DEPTH_MAX} levels`;
const TOO_LARGE = `must be at most ${LIMITS.payloadBytes} bytes as JSON`;
/** Parsers read `1e999` as infinite, which JSON cannot write: it would become null on its way to the worker. */
const NO_NUMBER = 'must hold only numbers that fit 64-bit floating point';

/** UTF-8 bytes of a value as JSON; without node:, as the contracts run anywhere. */
export function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value) ?? '').length;
}

/**
 * Why a value is no payload; undefined: it is one. Level by level, as recursion would end with a deep one's stack, and
 * only as far as a payload can go: a body has room for half a million values.
 */
export function payloadProblem(payload: unknown): string | undefined {
  let valuesLeft = VALUES_MAX - 1;
  for (let level = [payload], depth = 0; level.length > 0; depth += 1) {
    if (depth > DEPTH_MAX) return TOO_DEEP;
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'number' && !Number.isFinite(value)) return NO_NUMBER;
      if (value === null || typeof value !== 'object') continue;
      const members = Object.values(value);
      valuesLeft -= members.length;
      if (valuesLeft < 0) return TOO_LARGE;
      next.push(...members);
    }
    level = next;
  }
  return jsonBytes(payload) <= LIMITS.payloadBytes ? undefined : TOO_LARGE;
}

/** Any JSON value up to `LIMITS.payloadBytes`. */
export const payloadField: z.ZodType<unknown> = z
  .unknown()
  .superRefine((value, ctx) => {
    const message = payloadProblem(value);
    if (message !== undefined) ctx.addIssue({ code: 'custom', message, input: value });
  })
  .meta({ description: 'Any JSON, handed to the worker with each run. At most 64 KiB.', examples: [{ to: 'team' }] });
