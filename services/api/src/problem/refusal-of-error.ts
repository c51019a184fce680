/** The one place where errors of all layers become HTTP statuses. */
import { ERROR_CODES, type ErrorCode, LIMITS } from '@simple-scheduler/contracts';
import { SchedulerError, ValidationError } from '@simple-scheduler/engine';
import { describe, InvalidInputError } from './invalid-input-error.ts';
import { type Refusal, RefusedError } from './refusal.ts';

export const STATUS: Readonly<Record<ErrorCode, number>> = {
  bad_request: 400,
  invalid: 422,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  precondition_failed: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  unavailable: 503,
  internal: 500,
};

export const RETRY_AFTER: Readonly<Record<string, string>> = { 'retry-after': '2' };

const INTERNAL: Refusal = {
  status: 500,
  code: 'internal',
  detail: 'something went wrong here; the log tells more under this request id',
};

export function refusalOf(error: unknown): Refusal {
  if (error instanceof RefusedError) return error.refusal;
  if (error instanceof InvalidInputError) return ofInput(error);
  if (error instanceof SchedulerError) return ofScheduler(error);
  return error instanceof Error ? ofFramework(error) : INTERNAL;
}

function ofInput({ part, errors, message }: InvalidInputError): Refusal {
  const code = part === 'body' ? 'invalid' : 'bad_request';
  return { status: STATUS[code], code, detail: message, errors };
}

function ofScheduler(error: SchedulerError): Refusal {
  const code = ERROR_CODES.find((known) => known === error.code) ?? 'internal';
  if (code === 'internal') return INTERNAL;
  const status = STATUS[code];
  if (error instanceof ValidationError) return { status, code, detail: describe(error.errors), errors: error.errors };
  // What a database or broker said is for the log; anyone may read this.
  if (code === 'unavailable') {
    return { status, code, detail: 'the service cannot do this right now; try again', headers: RETRY_AFTER };
  }
  return { status, code, detail: error.message };
}

/** Errors of the HTTP framework: what it blames on the client keeps its status. */
function ofFramework(error: Error & { statusCode?: unknown; code?: unknown }): Refusal {
  if (error.code === 'FST_ERR_HANDLER_TIMEOUT') {
    return { status: 503, code: 'unavailable', detail: 'the answer took too long; try again', headers: RETRY_AFTER };
  }
  switch (error.statusCode) {
    case 413:
      return {
        status: 413,
        code: 'payload_too_large',
        detail: `the body is larger than ${LIMITS.bodyBytes} bytes`,
      };
    case 415:
      return {
        status: 415,
        code: 'unsupported_media_type',
        detail: 'send JSON, with the header content-type: application/json',
      };
    case 414:
      return { status: 414, code: 'bad_request', detail: 'a name in the address is far too long' };
    default:
      return isClientError(error.statusCode)
        ? { status: error.statusCode, code: codeOfStatus(error.statusCode), detail: error.message }
        : INTERNAL;
  }
}

const isClientError = (status: unknown): status is number =>
  typeof status === 'number' && status >= 400 && status < 500;

/** Programs that do not know the status are told that it is their request. */
const codeOfStatus = (status: number): ErrorCode =>
  ERROR_CODES.find((code) => STATUS[code] === status) ?? 'bad_request';
