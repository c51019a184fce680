import type { FastifyRequest } from 'fastify';

/** What a log may hold of a request's address: callers put secrets into queries, where they have no business. */
export const pathOf = (request: FastifyRequest): string => request.url.split(/[?#]/, 1)[0] ?? '';
