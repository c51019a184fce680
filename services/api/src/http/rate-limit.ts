import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RefusedError } from '../problem/refusal.ts';

const WINDOW_MS = 60_000;
/** Callers that are remembered; the one that was not seen for the longest time is forgotten first. */
const CALLERS_MAX = 20_000;

declare module 'fastify' {
  interface FastifyRequest {
    /** Whom a checked token speaks for; undefined: nobody, or not checked yet. */
    caller?: string;
  }
}

/**
 * Counts requests per minute: of a caller by its checked token, of all others by address. What a token says counts only
 * once it was checked, else everyone could be a new caller with each request. Routes that are added from now on have it.
 */
export async function limitRate(app: FastifyInstance, requestsPerMinute: number): Promise<void> {
  if (requestsPerMinute === 0) return;
  await app.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: WINDOW_MS,
    cache: CALLERS_MAX,
    enableDraftSpec: true,
    keyGenerator: callerOf,
    errorResponseBuilder: (_request, { ttl }) => tooMany(ttl),
  });
}

/**
 * Counts what `attempt` refuses, by address, and refuses to try at all while there is too much of it: checking
 * signatures costs more than making them up.
 */
export function limitFailures(
  app: FastifyInstance,
  requestsPerMinute: number,
): (request: FastifyRequest, attempt: () => Promise<void>) => Promise<void> {
  if (requestsPerMinute === 0) return (_request, attempt) => attempt();
  const count = app.createRateLimit({ max: requestsPerMinute, timeWindow: WINDOW_MS, keyGenerator: addressOf });
  // Most of the time nobody was refused lately, and there is nothing to look up.
  let countedUntil = Number.NEGATIVE_INFINITY;
  return async (request, attempt) => {
    if (Date.now() < countedUntil) {
      const before = await count(request, { increment: false });
      if (!before.isAllowed && before.remaining === 0) throw tooMany(before.ttl);
    }
    try {
      await attempt();
    } catch (error) {
      if (error instanceof RefusedError && error.refusal.status === 401) {
        await count(request);
        countedUntil = Date.now() + WINDOW_MS;
      }
      throw error;
    }
  };
}

/** IPv6 addresses come by the network of 2^64: one caller has all of it. */
const addressOf = (request: FastifyRequest): string => `address ${normalizeIP(request.ip)}`;
/** Whom limits count by. */
export const callerOf = (request: FastifyRequest): string =>
  request.caller === undefined ? addressOf(request) : `caller ${request.caller}`;

function tooMany(ttlMs: number): RefusedError {
  const seconds = Math.max(1, Math.ceil(ttlMs / 1_000));
  return new RefusedError({
    status: 429,
    code: 'too_many_requests',
    detail: `too many requests; go on in ${seconds} s`,
    headers: { 'retry-after': String(seconds) },
  });
}
