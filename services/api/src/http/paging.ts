import type { FastifyReply, FastifyRequest } from 'fastify';
import { InvalidInputError } from '../problem/invalid-input-error.ts';

/**
 * What `Link` headers carry: where the next page starts, opaque to clients. The schema of the query has seen to their form,
 * and each of that form is a place in the list, if only between two things that are there.
 */
export const nameCursor = {
  encode: (name: string): string => Buffer.from(name, 'latin1').toString('base64url'),
  decode: (cursor: string): string => Buffer.from(cursor, 'base64url').toString('latin1'),
};

export const idCursor = {
  encode: (id: string): string => Buffer.from(id, 'hex').toString('base64url'),
  decode: (cursor: string): string => Buffer.from(cursor, 'base64url').toString('hex'),
};

/** A place that is a text of a form of its own. @throws InvalidInputError where it has not this form */
export const textCursor = (form: RegExp): { encode(place: string): string; decode(cursor: string): string } => ({
  encode: (place) => Buffer.from(place).toString('base64url'),
  decode: (cursor) => {
    const place = Buffer.from(cursor, 'base64url').toString();
    if (form.test(place) && Buffer.from(place).toString('base64url') === cursor) return place;
    throw new InvalidInputError('querystring', [{ path: 'cursor', message: 'must be taken from a Link header' }]);
  },
});

/** Points to the next page with all filters of this one, by a path that holds behind any proxy that keeps paths. */
export function linkNext(request: FastifyRequest, reply: FastifyReply, cursor: string | undefined): void {
  if (cursor === undefined) return;
  const url = new URL(request.url, 'http://localhost');
  url.searchParams.set('cursor', cursor);
  void reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
}
