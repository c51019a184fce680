import { SchedulerError } from '@simple-scheduler/engine';

/** Raised where the broker refuses a declaration, by its rights or because the name exists with other arguments. */
export class TopologyRefusedError extends SchedulerError {
  /** The exchange, queue or binding that was refused. */
  readonly subject: string;
  constructor(subject: string, cause: unknown) {
    const message = `RabbitMQ refuses the ${subject}: ${describeError(cause)}`;
    super(message, { code: 'topology_refused', retryable: false, cause });
    this.subject = subject;
  }
}

/** Raised where a request had no answer: the connection went, or the broker took too long. */
export class NoAnswerError extends Error {}

export const NOT_FOUND = 404;
const ACCESS_REFUSED = 403;
const RESOURCE_LOCKED = 405;
const PRECONDITION_FAILED = 406;

/** The AMQP reply code, where the broker gave one. */
export function replyCode(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

/** True where the broker will answer the same until somebody changes something on it. */
export function isRefusal(error: unknown): boolean {
  const code = replyCode(error);
  return code === ACCESS_REFUSED || code === RESOURCE_LOCKED || code === PRECONDITION_FAILED;
}

/** The exchange that a publication was for, from the text with which the broker closed the channel. */
export function missingExchange(error: unknown): string | undefined {
  if (replyCode(error) !== NOT_FOUND) return undefined;
  return /no exchange '([^']*)'/.exec(describeError(error))?.[1];
}

/** One line for logs; errors of the client hold no passwords, but their other properties are nobody's concern. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A connection tried on several addresses (IPv6 and IPv4) fails with an error for each and no text of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(describeError).join('; ');
  // amqplib keeps to itself what the broker says of a virtual host that it refuses.
  if (error.message.startsWith('Expected ConnectionOpenOk'))
    return 'the virtual host does not exist, or the user has no rights in it';
  return error.message === '' ? ((error as NodeJS.ErrnoException).code ?? error.name) : error.message;
}
