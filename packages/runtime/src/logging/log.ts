import { createRequire } from 'node:module';
import type { Log } from '@simple-scheduler/engine';
import pino from 'pino';
import type { DestinationStream, Logger, LoggerOptions } from 'pino';
import type { prettyFactory as PrettyFactory } from 'pino-pretty';
import type { LogLevel, LogSettings } from '../settings/parts/log.ts';
import type { ServiceName } from '../settings/variable.ts';
import { errorFields } from './error-fields.ts';
import { scrubLine } from './scrub.ts';

/** What services log with: the engine's port, and what only a process needs. */
export interface RuntimeLog extends Log {
  fatal(fields: object, message: string): void;
  /** A log whose lines all carry these fields. */
  child(fields: object): RuntimeLog;
  /** Says once that the service serves: `msg: "ready"`, whatever the level, as those who start it wait for the line. */
  ready(fields?: object): void;
}

export interface LogOptions extends LogSettings {
  readonly service: ServiceName;
  /** Default: standard output, written at once, so that a crash loses no line. */
  readonly destination?: DestinationStream;
  /** Whether people are looking; default: whether standard output is a terminal. */
  readonly terminal?: boolean;
}

export function createLog({ service, level, format, destination, terminal }: LogOptions): RuntimeLog {
  const pretty = (format ?? ((terminal ?? process.stdout.isTTY) ? 'pretty' : 'json')) === 'pretty';
  const sink = destination ?? standardOutput();
  const logger = pino(
    pinoOptions(service, level),
    pretty ? prettyStream(sink, terminal ?? process.stdout.isTTY) : sink,
  );
  const state = { ready: false };
  return wrap(logger, state);
}

/** What is kept of lines that can't be written, until they can. */
const KEPT_BYTES_MAX = 1 << 20;

/** A log that can't be written, for example as its disk is full, loses lines; whoever writes it goes on with its work. */
function standardOutput(): DestinationStream {
  const stream = pino.destination({ fd: 1, sync: true, maxLength: KEPT_BYTES_MAX });
  stream.on('error', () => {});
  // Without its `flushSync`, which would wait for ever and is not needed: all is written at once.
  return { write: (line) => void stream.write(line) };
}

function pinoOptions(service: ServiceName, level: LogLevel): LoggerOptions {
  return {
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: errorFields, error: errorFields, cause: errorFields },
    hooks: { streamWrite: scrubLine },
  };
}

function prettyStream(destination: DestinationStream, colorize: boolean): DestinationStream {
  // Loaded here: most processes log JSON and need none of it.
  const { prettyFactory } = createRequire(import.meta.url)('pino-pretty') as { prettyFactory: typeof PrettyFactory };
  const format = prettyFactory({ colorize, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,service', singleLine: true });
  return { write: (line) => destination.write(format(line)) };
}

function wrap(logger: Logger, state: { ready: boolean }): RuntimeLog {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    fatal: (fields, message) => logger.fatal(fields, message),
    child: (fields) => wrap(logger.child(fields), state),
    ready: (fields = {}) => {
      if (state.ready) return;
      state.ready = true;
      logger.child({}, { level: 'info' }).info(fields, 'ready');
    },
  };
}
