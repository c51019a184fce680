import type { FastifyRequest } from 'fastify';
import { RefusedError } from '../problem/refusal.ts';

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** The bearer token of a request (RFC 6750, in the header only). @throws RefusedError (401) where there is none */
export function bearerToken(request: FastifyRequest): string {
  const header = request.headers.authorization;
  // Without credentials the challenge names no error (RFC 6750, section 3.1).
  if (header === undefined) throw unauthorized('a bearer token is needed', challenge({}));
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw invalidToken('the Authorization header must be "Bearer" and a token');
  return token;
}

export function invalidToken(detail: string): RefusedError {
  return unauthorized(detail, challenge({ error: 'invalid_token', error_description: detail }));
}

function unauthorized(detail: string, headers: Record<string, string>): RefusedError {
  return new RefusedError({ status: 401, code: 'unauthorized', detail, headers });
}

export function challenge(parameters: Readonly<Record<string, string>>): Record<string, string> {
  const all = Object.entries({ realm: 'simple-scheduler', ...parameters });
  return {
    'www-authenticate': `Bearer ${all.map(([name, value]) => `${name}="${value.replace(/["\\]/g, "'")}"`).join(', ')}`,
  };
}
