import { isLoopback } from '@simple-scheduler/runtime';
import type { FastifyRequest } from 'fastify';
import { RefusedError } from '../problem/refusal.ts';

/**
 * The guard of an API without authentication. It listens on loopback only, but browsers on this machine could be made
 * to use it by any page that they show: by a name that leads here (DNS rebinding), or by a form. Neither is let in.
 */
export async function localOnly(request: FastifyRequest): Promise<void> {
  const host = hostname(`http://${request.headers.host ?? ''}`);
  if (host === undefined || !isLoopback(host)) throw forbidden('use a local name, such as localhost');
  const { origin } = request.headers;
  const from = origin === undefined ? host : hostname(origin);
  if (from === undefined || !isLoopback(from) || request.headers['sec-fetch-site'] === 'cross-site') {
    throw forbidden('pages of other sites may not use it');
  }
}

function hostname(url: string): string | undefined {
  return URL.parse(url)?.hostname.replace(/^\[(.*)\]$/, '$1');
}

function forbidden(detail: string): RefusedError {
  return new RefusedError({
    status: 403,
    code: 'forbidden',
    detail: `there is no authentication here, so this API is for this machine only: ${detail}`,
  });
}
