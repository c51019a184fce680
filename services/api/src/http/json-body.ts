import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RefusedError } from '../problem/refusal.ts';

const MERGE_PATCH = 'application/merge-patch+json';
const MEDIA_TYPES = ['application/json', MERGE_PATCH];

/** Whether the body is to be read as RFC 7396 says. */
export const isMergePatch = (request: FastifyRequest): boolean => request.mediaType === MERGE_PATCH;

/**
 * JSON is the only thing that is read, as strictly as its standard: UTF-8, one value, and no key that would reach an
 * object's prototype. No body at all is left to the route's schema.
 */
export function readJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addHook('preParsing', async (request) => {
    const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
    // Unpacking would make a small body a large one.
    if (encoding !== 'identity') throw compressed();
  });
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser(MEDIA_TYPES, { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0) return done(null, undefined);
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(body as Buffer);
    } catch {
      return done(malformed('the body is not UTF-8'));
    }
    return parseJson(request, text, (error, value) => {
      if (error) done(malformed(problemOf(text)));
      else done(null, value);
    });
  });
}

/** The framework says only that something is wrong; its reading is stricter than the standard in one point. */
function problemOf(text: string): string {
  try {
    JSON.parse(text);
    return 'the body has a key that would reach an object\'s prototype: "__proto__" or "constructor" with "prototype"';
  } catch (error) {
    return `the body is not valid JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const compressed = (): RefusedError =>
  new RefusedError({
    status: 415,
    code: 'unsupported_media_type',
    detail: 'send the body as it is, without content-encoding',
    headers: { 'accept-encoding': 'identity' },
  });

const malformed = (detail: string): RefusedError => new RefusedError({ status: 400, code: 'bad_request', detail });
