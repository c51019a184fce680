import { SCOPES, type Scope } from '@simple-scheduler/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RefusedError } from '../problem/refusal.ts';
import { DOCS_PATH } from '../http/docs-path.ts';
import { bearerToken, challenge } from './bearer.ts';

/** Who may use a route: everyone, or who has this scope, or all of these. */
export type Access = 'public' | Scope | readonly [Scope, Scope, ...Scope[]];

/** The scopes that a route asks for. */
export const scopesOf = (access: Access): readonly Scope[] =>
  access === 'public' ? [] : typeof access === 'string' ? [access] : access;

export interface Identity {
  /** Whom the token speaks for. */
  readonly subject: string;
  readonly scopes: ReadonlySet<string>;
  /** When the token runs out, epoch ms by the machine's clock, which it is checked by. */
  readonly expiresAt: number;
}

/** Lets a request through, or throws the refusal. */
export type Guard = (request: FastifyRequest, access: Access) => Promise<void>;

/** Says who is asking. */
export interface Authenticator {
  /** @throws RefusedError (401), UnavailableError-like `SchedulerError` where the issuer cannot be reached */
  authenticate(token: string): Promise<Identity>;
  /** Why tokens cannot be checked at present; undefined: they can. */
  readonly check: () => Promise<string | undefined>;
  /** Whether the issuer answers; known keys go on working where it does not. */
  readonly issuerState: () => Promise<'reachable' | 'away'>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is asking, by a checked token; undefined: everyone may do everything here, or the route is public. */
    identity?: Identity;
  }
  interface FastifyContextConfig {
    access?: Access;
  }
}

/**
 * One guard for all routes, before anything of the request is read. A route that does not declare who may use it is a
 * mistake that must not wait for someone to find it: building the app fails.
 */
export function guardRoutes(app: FastifyInstance, guard: Guard): void {
  app.addHook('onRoute', ({ url, config, method }) => {
    // Routes of plugins cannot declare theirs.
    if (url.startsWith(DOCS_PATH)) return;
    const access = config?.access;
    const scopes = access === undefined ? [] : scopesOf(access);
    if (access !== 'public' && (scopes.length === 0 || !scopes.every((scope) => SCOPES.includes(scope)))) {
      throw new Error(`route ${[method].flat().join(',')} ${url} does not declare its access`);
    }
  });
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config;
    // Without one, it is the documentation or no route at all: the hook above has seen to that.
    if (access !== undefined) await guard(request, access);
  });
}

/** Asks for a bearer token with the route's scopes. */
export function bearerGuard(authenticator: Authenticator): Guard {
  return async (request, access) => {
    if (access === 'public') return;
    const identity = await authenticator.authenticate(bearerToken(request));
    request.caller = identity.subject;
    request.identity = identity;
    const missing = scopesOf(access).filter((scope) => !identity.scopes.has(scope));
    if (missing.length > 0) throw scopesMissing(missing);
  };
}

function scopesMissing(scopes: readonly Scope[]): RefusedError {
  return new RefusedError({
    status: 403,
    code: 'forbidden',
    detail: `the token lacks the scope ${scopes.join(' and the scope ')}`,
    missingScopes: scopes,
    headers: challenge({ error: 'insufficient_scope', scope: scopes.join(' ') }),
  });
}
