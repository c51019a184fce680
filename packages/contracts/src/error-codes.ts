/** What can go wrong at an edge, in words that programs can match; `docs/ERRORS.md` explains each. */
export const ERROR_CODES = [
  'bad_request',
  'invalid',
  'unauthorized',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'conflict',
  'precondition_failed',
  'payload_too_large',
  'unsupported_media_type',
  'too_many_requests',
  'unavailable',
  'internal',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];
