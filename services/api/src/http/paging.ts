import type { FastifyReply, FastifyRequest } from 'fastify';
import { InvalidInputError } from '../problem/invalid-input-error.ts';

/** What `Link` headers carry: where the next page starts, opaque to clients. */
export const encodeCursor = (after: string): string => Buffer.from(after).toString('base64url');

/** `isValid` says whether the decoded text is something that a page can start after. */
export function decodeCursor(cursor: string, isValid: (after: string) => boolean): string {
  const after = Buffer.from(cursor, 'base64url').toString();
  if (isValid(after) && encodeCursor(after) === cursor) return after;
  throw new InvalidInputError('querystring', [{ path: 'cursor', message: 'must be taken from a Link header' }]);
}

/** Points to the next page with all filters of this one, by a path that holds behind any proxy that keeps paths. */
export function linkNext(request: FastifyRequest, reply: FastifyReply, next: string | undefined): void {
  if (next === undefined) return;
  const url = new URL(request.url, 'http://localhost');
  url.searchParams.set('cursor', encodeCursor(next));
  void reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
}
