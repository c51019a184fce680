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

/** `If-None-Match: *`: only where there is none yet. Other values are for reading, which has no use for them here. */
export function onlyNew(request: FastifyRequest): boolean {
  const header = request.headers['if-none-match']?.trim();
  if (header === undefined) return false;
  if (header !== '*') throw badRequest('If-None-Match', 'must be * here');
  return true;
}
