import type { Log } from '@simple-scheduler/engine';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pathOf } from '../http/request-path.ts';
import type { RouteTable } from '../http/route-table.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';
import { refusalOf } from './refusal-of-error.ts';
import type { Refusal } from './refusal.ts';

/** Answers `error` as a problem document; what is our fault is logged. */
export function sendProblem(log: Log, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const refusal = refusalOf(error);
  const fields = { requestId: request.id, method: request.method, url: pathOf(request), status: refusal.status };
  if (refusal.status === 500) log.error({ ...fields, error }, 'a request failed');
  else if (refusal.status === 503) log.warn({ ...fields, error }, 'a request cannot be served right now');
  send(refusal, request, reply);
}

function send(refusal: Refusal, request: FastifyRequest, reply: FastifyReply): void {
  void reply
    .code(refusal.status)
    .headers({ ...refusal.headers, 'x-request-id': request.id })
    .type(PROBLEM_TYPE)
    .serializer(JSON.stringify)
    .send(problemOf(refusal, request.id));
}

export function handleErrors(app: FastifyInstance, log: Log, routes: RouteTable): void {
  const refuse = (request: FastifyRequest, reply: FastifyReply): void =>
    send(nothingHere(request, routes), request, reply);
  app.setErrorHandler((error, request, reply) => {
    // What the framework has against the body of a request that leads nowhere is of no interest to its sender.
    if (request.is404 || leadsToNoFile(error)) refuse(request, reply);
    else sendProblem(log, error, request, reply);
  });
  app.setNotFoundHandler((request, reply) => {
    const allowed = request.method === 'OPTIONS' ? routes.methodsOf(request.url) : [];
    if (allowed.length === 0) refuse(request, reply);
    else void reply.code(204).header('allow', allowHeader(allowed)).send();
  });
}

/** The pages' file server forbids addresses that leave its folder or are written in odd ways: there is nothing at them. */
const leadsToNoFile = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'FST_STATIC_FORBIDDEN_PATH';

const allowHeader = (methods: readonly string[]): string => [...methods, 'OPTIONS'].sort().join(', ');

function nothingHere(request: FastifyRequest, routes: RouteTable): Refusal {
  const allowed = routes.methodsOf(request.url);
  // A route that has the method and led here all the same is that of the pages' files: there is no such file.
  const nothing = allowed.length === 0 || allowed.includes(request.method);
  if (nothing) return { status: 404, code: 'not_found', detail: 'there is nothing at this address' };
  const detail = `${request.method} is not possible here; ${allowed.join(', ')} ${allowed.length === 1 ? 'is' : 'are'}`;
  return { status: 405, code: 'method_not_allowed', detail, headers: { allow: allowHeader(allowed) } };
}
