/** An error as a line of the log shows it, with what it has by itself in numbers, flags and short texts, such as `code`. */
export interface ErrorFields {
  readonly type: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause?: ErrorFields;
  /** What an `AggregateError` holds. */
  readonly errors?: readonly ErrorFields[];
  readonly [property: string]: unknown;
}

/** Errors may be causes of each other. */
const DEPTH_MAX = 8;
const TEXT_CHARS_MAX = 200;

/**
 * An error without the objects that hang on it: drivers keep there what they were at, which may be somebody's document, or all
 * that they know of their servers. What is no error is left as it is.
 */
export function errorFields(value: unknown): unknown {
  return value instanceof Error ? fieldsOf(value, 0) : value;
}

function fieldsOf(error: Error, depth: number): ErrorFields {
  const inner = (value: unknown): ErrorFields[] =>
    value instanceof Error && depth < DEPTH_MAX ? [fieldsOf(value, depth + 1)] : [];
  const [cause] = inner(error.cause);
  const errors = error instanceof AggregateError ? error.errors.flatMap(inner) : [];
  return {
    ...Object.fromEntries(Object.entries(error).filter(([key, value]) => key !== 'name' && isPlain(value))),
    type: error.name === 'Error' ? error.constructor.name : error.name,
    message: error.message,
    stack: error.stack,
    ...(cause === undefined ? {} : { cause }),
    ...(errors.length === 0 ? {} : { errors }),
  };
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' ? value.length <= TEXT_CHARS_MAX : ['number', 'boolean'].includes(typeof value);
}
