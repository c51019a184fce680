import type { ErrorCode, Problem } from '@simple-scheduler/contracts';
import type { Refusal } from './refusal.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

const TITLES: Readonly<Record<ErrorCode, string>> = {
  bad_request: 'Bad request',
  invalid: 'Invalid fields',
  unauthorized: 'Not authenticated',
  forbidden: 'Not allowed',
  not_found: 'Not found',
  method_not_allowed: 'Method not allowed',
  conflict: 'Conflict',
  precondition_failed: 'Precondition failed',
  payload_too_large: 'Too large',
  unsupported_media_type: 'Unsupported media type',
  too_many_requests: 'Too many requests',
  unavailable: 'Not available right now',
  internal: 'Internal error',
};

/** The body of an error (RFC 9457). `error` repeats `detail` for clients that read that. */
export function problemOf(refusal: Refusal, requestId: string): Problem {
  const { status, code, detail, errors, missingScopes } = refusal;
  return {
    type: `urn:simple-scheduler:problem:${code}`,
    title: TITLES[code],
    status,
    detail,
    error: detail,
    code,
    requestId,
    ...(errors === undefined ? {} : { errors: [...errors] }),
    ...(missingScopes === undefined ? {} : { missing_scopes: [...missingScopes] }),
  };
}
