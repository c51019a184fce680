import type { Expectation } from '@simple-scheduler/engine';
import type { FastifyRequest } from 'fastify';
import { badRequest } from '../problem/refusal.ts';

export const etagOf = (job: { readonly revision: number }): string => `"${job.revision}"`;

const ENTITY_TAGS = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")*$/;

/** What `If-Match` asks for. Tags that are weak, or none of ours, match nothing, as the comparison is the strong one. */
export function expectationOf(request: FastifyRequest): Expectation | undefined {
  const header = request.headers['if-match']?.trim();
  if (header === undefined) return undefined;
  if (header === '*') return 'any';
  if (!ENTITY_TAGS.test(header)) throw badRequest('If-Match', 'must be * or entity tags like "3"');
  return header.split(',').flatMap((tag) => {
    const revision = /^"([1-9]\d{0,15})"$/.exec(tag.trim())?.[1];
    return revision === undefined ? [] : [Number(revision)];
  });
}

/**
 * `If-None-Match` of a read: whether the caller has this revision already. The comparison is the weak one here: proxies
 * that compress make tags weak.
 */
export function isKnown(request: FastifyRequest, job: { readonly revision: number }): boolean {
  const header = request.headers['if-none-match']?.trim();
  if (header === undefined) return false;
  if (header === '*') return true;
  if (!ENTITY_TAGS.test(header)) throw badRequest('If-None-Match', 'must be * or entity tags like "3"');
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etagOf(job));
}

/** `If-None-Match: *` of a `PUT`: only where there is none yet. */
export function onlyNew(request: FastifyRequest): boolean {
  const header = request.headers['if-none-match']?.trim();
  if (header === undefined) return false;
  if (header !== '*') throw badRequest('If-None-Match', 'must be * here');
  return true;
}
