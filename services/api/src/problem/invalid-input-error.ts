import type { FieldError } from '@simple-scheduler/contracts';

export type InputPart = 'body' | 'querystring' | 'params' | 'headers';

/** A hostile body can break a rule a hundred thousand times; nobody reads more than this. */
const ERRORS_MAX = 50;
const PATH_CHARS = 200;
const DETAIL_ERRORS = 5;

/** Raised when a part of the request does not fit its schema. */
export class InvalidInputError extends Error {
  readonly part: InputPart;
  readonly errors: readonly FieldError[];

  constructor(part: InputPart, errors: readonly FieldError[]) {
    const shown = errors.slice(0, ERRORS_MAX).map(({ path, message }) => ({ path: cut(path), message }));
    super(describe(shown, errors.length));
    this.name = 'InvalidInputError';
    this.part = part;
    this.errors = shown;
  }
}

/** The first few, in one line; messages that name their field by themselves are not made to do it twice. */
export function describe(errors: readonly FieldError[], total: number = errors.length): string {
  const texts = errors
    .slice(0, DETAIL_ERRORS)
    .map(({ path, message }) => (path === '' || message.startsWith(path) ? message : `${path}: ${message}`));
  return total > DETAIL_ERRORS ? `${texts.join('; ')}; and ${total - DETAIL_ERRORS} more` : texts.join('; ');
}

function cut(path: string): string {
  return path.length > PATH_CHARS ? `${path.slice(0, PATH_CHARS)}…` : path;
}
