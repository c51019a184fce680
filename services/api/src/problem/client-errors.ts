import type { Socket } from 'node:net';
import type { ErrorCode } from '@simple-scheduler/contracts';
import { newRequestId } from '../http/request-id.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';

const REFUSALS: Readonly<Record<string, { status: number; reason: string; code: ErrorCode; detail: string }>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    reason: 'Request Header Fields Too Large',
    code: 'bad_request',
    detail: 'the headers of the request are too large',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    reason: 'Request Timeout',
    code: 'bad_request',
    detail: 'the request did not arrive in time',
  },
};
const NOT_HTTP = { status: 400, reason: 'Bad Request', code: 'bad_request', detail: 'this is not valid HTTP' } as const;

/** Answers what never became a request: broken HTTP, too large headers, a request that trickles in. */
export function onClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, reason, code, detail } = REFUSALS[error.code ?? ''] ?? NOT_HTTP;
  const requestId = newRequestId();
  const body = JSON.stringify(problemOf({ status, code, detail }, requestId));
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
