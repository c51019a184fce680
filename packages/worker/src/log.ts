import { inspect } from 'node:util';

/** What the worker logs with; a pino logger fits. */
export interface WorkerLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Without a logger of the user's, only what needs somebody's attention is said: on standard error, a line each. */
export const stderrLog: WorkerLog = {
  debug: () => {},
  info: () => {},
  warn: (fields, message) => writeLine('warn', fields, message),
  error: (fields, message) => writeLine('error', fields, message),
};

function writeLine(level: string, fields: object, message: string): void {
  process.stderr.write(`${new Date().toISOString()} ${level} ${message} ${textOf(fields)}\n`);
}

/** Handlers log what they like: errors, which JSON makes empty objects of, and what it cannot hold. */
function textOf(fields: object): string {
  try {
    return JSON.stringify(fields, (_key, value: unknown) =>
      value instanceof Error ? (value.stack ?? value.name) : value,
    );
  } catch {
    return inspect(fields, { breakLength: Number.POSITIVE_INFINITY, compact: true });
  }
}

/** The same log, with these fields in every line. */
export function logWith(log: WorkerLog, common: object): WorkerLog {
  return {
    debug: (fields, message) => log.debug({ ...common, ...fields }, message),
    info: (fields, message) => log.info({ ...common, ...fields }, message),
    warn: (fields, message) => log.warn({ ...common, ...fields }, message),
    error: (fields, message) => log.error({ ...common, ...fields }, message),
  };
}

/** One line that says what happened, for logs. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A connection tried on several addresses (IPv6 and IPv4) fails with an error for each and no text of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ');
  return error.message === '' ? error.name : error.message;
}
