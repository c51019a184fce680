import type { ErrorCode, FieldError, Scope } from '@simple-scheduler/contracts';

/** Why a request is not served, before it becomes a problem document. */
export interface Refusal {
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly missingScopes?: readonly Scope[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Raised by the HTTP edge itself; use cases raise `SchedulerError`s. */
export class RefusedError extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.detail);
    this.name = 'RefusedError';
    this.refusal = refusal;
  }
}

/** A header or parameter that is not understood. */
export function badRequest(path: string, message: string): RefusedError {
  return new RefusedError({
    status: 400,
    code: 'bad_request',
    detail: `${path} ${message}`,
    errors: [{ path, message }],
  });
}
