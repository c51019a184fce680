import { problemSchema } from '@simple-scheduler/contracts';
import type { FieldError, Problem } from '@simple-scheduler/contracts';

/** The API answered, and refused. */
export class ApiError extends Error {
  /** HTTP status: 300 or above. */
  readonly status: number;
  /** The answer's problem body; absent where something other than the API answered (a proxy, another program). */
  readonly problem: Problem | undefined;
  /** What to quote to whoever runs the API. */
  readonly requestId: string | undefined;
  /** Faults of single fields, empty where none is named. */
  readonly fieldErrors: readonly FieldError[];
  /** How long to wait before another try, where the API said so. */
  readonly retryAfterMs: number | undefined;

  constructor(answer: { status: number; headers: Headers; body: unknown }) {
    const parsed = problemSchema.loose().safeParse(answer.body);
    const problem = parsed.success ? parsed.data : undefined;
    super(problem?.detail ?? `the server answered ${answer.status}`);
    this.name = 'ApiError';
    this.status = answer.status;
    this.problem = problem;
    this.requestId = problem?.requestId ?? answer.headers.get('x-request-id') ?? undefined;
    this.fieldErrors = problem?.errors ?? [];
    this.retryAfterMs = retryAfter(answer.headers);
  }
}

/** No answer came: nobody listens there, the name is unknown, the connection broke or the time ran out. */
export class UnreachableError extends Error {
  readonly url: string;
  /** Code of the system or of the HTTP client (`ECONNREFUSED`, `TIMEOUT`, …). */
  readonly code: string;
  /** Whether the request may have been carried out all the same. */
  readonly outcomeUnknown: boolean;

  constructor(details: { url: string; code: string; outcomeUnknown: boolean; cause?: unknown }) {
    super(`${details.url} can't be reached (${details.code})`, { cause: details.cause });
    this.name = 'UnreachableError';
    this.url = details.url;
    this.code = details.code;
    this.outcomeUnknown = details.outcomeUnknown;
  }
}

/** A success whose body is not what the contract says: another program listens there, or a much newer API. */
export class UnexpectedAnswerError extends Error {
  readonly url: string;

  constructor(details: { url: string; detail: string }) {
    super(`${details.url} did not answer as a Simple Scheduler API does: ${details.detail}`);
    this.name = 'UnexpectedAnswerError';
    this.url = details.url;
  }
}

/** `Retry-After` in its form in seconds; the API sends no dates. */
function retryAfter(headers: Headers): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}
