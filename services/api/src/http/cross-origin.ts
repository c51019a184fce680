import type { FastifyInstance } from 'fastify';
import type { RouteTable } from './route-table.ts';

const REQUEST_HEADERS =
  'authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, prefer, x-request-id';
const RESPONSE_HEADERS =
  'etag, link, location, preference-applied, ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, ' +
  'www-authenticate, x-request-id';
/** Browsers ask again after this. */
const MAX_AGE_S = '600';

/**
 * Lets web pages of these origins use the API; with none, nothing is said to browsers, which then keep pages out.
 * Never with credentials: tokens come in a header that the page sets itself.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[], routes: RouteTable): void {
  if (origins.length === 0) return;
  app.addHook('onRequest', async (request, reply) => {
    // What a cache keeps for one origin is not for another.
    void reply.header('vary', 'origin');
    const { origin } = request.headers;
    if (origin === undefined || !origins.includes(origin)) return;
    void reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': RESPONSE_HEADERS });
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return;
    const methods = routes.methodsOf(request.url);
    if (methods.length === 0) return;
    await reply
      .headers({
        'access-control-allow-methods': methods.join(', '),
        'access-control-allow-headers': REQUEST_HEADERS,
        'access-control-max-age': MAX_AGE_S,
      })
      .code(204)
      .send();
  });
}
