import type { FastifyRequest } from 'fastify';

/** Commas within quotes part nothing. A quote without its end goes on to the end of the header. */
const PARTS = /(?:"(?:\\.|[^"\\])*(?:"|$)|[^",])+/g;

export type ReturnPreference = 'representation' | 'minimal';

/** The `return` preference of RFC 7240; the first one counts, and what is not understood is ignored. */
export function returnPreference(request: FastifyRequest): ReturnPreference | undefined {
  const header = [request.headers['prefer'] ?? []].flat().join(',');
  for (const [part] of header.matchAll(PARTS)) {
    const value = /^\s*return\s*=\s*"?(representation|minimal)"?\s*(?:;.*)?$/i.exec(part)?.[1]?.toLowerCase();
    if (value === 'representation' || value === 'minimal') return value;
  }
  return undefined;
}
