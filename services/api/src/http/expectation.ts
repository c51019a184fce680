import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { PROBLEM_TYPE, problemOf } from '../problem/problem.ts';
import { requestIdOf } from './request-id.ts';
import type { AnswerHeaders } from './security-headers.ts';

/** Answers an `Expect` other than `100-continue`, which by itself the server refuses with an empty 417, as all errors are. */
export function refuseExpectations(app: FastifyInstance, headersOf: AnswerHeaders): void {
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const requestId = requestIdOf(request);
    const refusal = { status: 417, code: 'bad_request', detail: 'Expect can only be 100-continue' } as const;
    const body = JSON.stringify(problemOf(refusal, requestId));
    const headers = {
      'content-type': PROBLEM_TYPE,
      'content-length': Buffer.byteLength(body),
      'x-request-id': requestId,
    };
    response.writeHead(refusal.status, { ...headersOf({ url: request.url ?? '' }), ...headers }).end(body);
  });
}
