/**
 * The issuer's keys, found by its discovery document. Asked for when they are first needed, so that the API may start
 * before its issuer, and kept: a short absence of the issuer does not lock out those whose keys are known.
 */
import { SchedulerError } from '@simple-scheduler/engine';
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';

const TIMEOUT_MS = 5_000;
/** After a failure, the issuer is left alone for this long: requests must not queue up behind its timeout. */
const PAUSE_MS = 2_000;
/** Keys that could not be read anew are still good for this long after they were read. */
const STALE_KEYS_MS = 3_600_000;
/** An answer of the issuer is believed for this long by those who only want to know whether it is there. */
const SEEN_MS = 30_000;

/** Raised where tokens cannot be checked, because the issuer does not answer as it should. Not the caller's fault. */
export class IssuerUnavailableError extends SchedulerError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'unavailable', retryable: true, cause });
  }
}

export interface FoundIssuer {
  /** What tokens carry as `iss`. */
  readonly name: string;
  readonly keys: JWTVerifyGetKey;
  /** Whether it answers at present; asks it at most every half minute. Known keys go on working where it does not. */
  reachable(): Promise<boolean>;
}

export interface IssuerEvents {
  /** Other keys were read than were known before. */
  onNewKeys(): void;
}

export function createIssuer(url: string, events: IssuerEvents): { find(): Promise<FoundIssuer> } {
  let found: Promise<FoundIssuer> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown;
  return {
    find: async () => {
      if (found === undefined) {
        if (performance.now() - failedAt < PAUSE_MS) throw failure;
        found = discover(url, events).catch((error: unknown) => {
          found = undefined;
          failedAt = performance.now();
          failure = error;
          throw error;
        });
      }
      return found;
    },
  };
}

async function discover(url: string, events: IssuerEvents): Promise<FoundIssuer> {
  const configured = url.replace(/\/$/, '');
  const where = `${configured}/.well-known/openid-configuration`;
  const document = await read(where);
  const { issuer, jwks_uri: jwksUri } = (document ?? {}) as { issuer?: unknown; jwks_uri?: unknown };
  // A document of another issuer would make its tokens ours (OpenID Connect Discovery, section 4.3).
  if (typeof issuer !== 'string' || issuer.replace(/\/$/, '') !== configured) {
    throw new IssuerUnavailableError(`${where} is the document of another issuer: ${JSON.stringify(issuer)}`);
  }
  const keysUrl = typeof jwksUri === 'string' ? URL.parse(jwksUri) : null;
  if (keysUrl === null || !/^https?:$/.test(keysUrl.protocol)) {
    throw new IssuerUnavailableError(`${where} does not say where the keys are (jwks_uri)`);
  }
  return { name: issuer, ...keysAt(keysUrl, events) };
}

async function read(where: string): Promise<unknown> {
  try {
    const response = await fetch(where, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.json();
  } catch (error) {
    const why =
      error instanceof Error ? `${error.message}${error.cause instanceof Error ? `: ${error.cause.message}` : ''}` : '';
    throw new IssuerUnavailableError(`the issuer does not answer at ${where} (${why})`, error);
  }
}

function keysAt(url: URL, { onNewKeys }: IssuerEvents): Pick<FoundIssuer, 'keys' | 'reachable'> {
  const remote = createRemoteJWKSet(url, { timeoutDuration: TIMEOUT_MS });
  let goodAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let seenAt = Number.NEGATIVE_INFINITY;
  let lastSeen: string | undefined;

  const lookForNewKeys = (): void => {
    const seen = JSON.stringify(remote.jwks());
    if (seen === lastSeen) return;
    lastSeen = seen;
    onNewKeys();
  };

  const known = (): JWTVerifyGetKey | undefined => {
    const keys = performance.now() - goodAt < STALE_KEYS_MS ? remote.jwks() : undefined;
    return keys && createLocalJWKSet(keys);
  };

  const reachable = async (): Promise<boolean> => {
    const now = performance.now();
    if (now - failedAt < PAUSE_MS) return false;
    if (now - seenAt < SEEN_MS) return true;
    try {
      await remote.reload();
      seenAt = goodAt = performance.now();
      lookForNewKeys();
      return true;
    } catch {
      failedAt = performance.now();
      return false;
    }
  };

  const keys: JWTVerifyGetKey = async (header, token) => {
    const paused = !remote.fresh && performance.now() - failedAt < PAUSE_MS;
    const stale = paused ? known() : undefined;
    if (stale) return stale(header, token);
    try {
      const key = await remote(header, token).finally(lookForNewKeys);
      goodAt = performance.now();
      return key;
    } catch (error) {
      if (isAboutToken(error)) throw error;
      failedAt = performance.now();
      const kept = known();
      if (kept) return kept(header, token);
      throw new IssuerUnavailableError(`the issuer's keys cannot be read at ${url.href}`, error);
    }
  };
  return { keys, reachable };
}

function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}
