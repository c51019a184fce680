import { SchedulerError, StoreUnavailableError, UnstorableError } from '@simple-scheduler/engine';
import {
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoError,
  MongoInvalidArgumentError, // what is too large for a command is not even sent
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoUnexpectedServerResponseError,
} from 'mongodb';
import type { Redact } from './redact.ts';

/**
 * Server codes after which the same call may succeed: no primary, a node that shuts down or steps down, a write that was
 * not acknowledged by a majority in time, a command that took too long, a disk that is full.
 */
const UNAVAILABLE_CODES: ReadonlySet<number> = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  24, // LockTimeout
  50, // MaxTimeMSExpired
  64, // WriteConcernFailed: timed out
  89, // NetworkTimeout
  91, // ShutdownInProgress
  100, // UnsatisfiableWriteConcern
  112, // WriteConflict
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  189, // PrimarySteppedDown
  202, // NetworkInterfaceExceededTimeLimit
  262, // ExceededTimeLimit
  365, // TemporarilyUnavailable
  462, // IngressRequestRateLimitExceeded
  9001, // SocketException
  10058, // LegacyNotPrimary
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11602, // InterruptedDueToReplStateChange
  13388, // StaleConfig
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
  14031, // OutOfDiskSpace
]);
const ACCESS_CODES: ReadonlySet<number> = new Set([
  13, // Unauthorized
  18, // AuthenticationFailed
  8000, // AtlasError: also what Atlas says to a wrong password
]);
/** What a record is too large by. */
const UNSTORABLE_CODES: ReadonlySet<number> = new Set([
  10334, // BSONObjectTooLarge
  17419, // an update would make it too large
  17420, // a replacement would
]);
const RETRYABLE_LABELS = [
  'RetryableWriteError',
  'RetryableError',
  'TransientTransactionError',
  'SystemOverloadedError',
];

const UNAVAILABLE_CLASSES = [
  MongoNetworkError,
  MongoServerSelectionError,
  MongoNotConnectedError,
  MongoTopologyClosedError,
  MongoServerClosedError,
  MongoClientClosedError,
  // A node that is no longer what the driver took it for, for example after a restart outside its replica set.
  MongoUnexpectedServerResponseError,
];
/** Errors of the driver's pool, which it does not export. */
const UNAVAILABLE_NAMES: ReadonlySet<string> = new Set([
  'MongoWaitQueueTimeoutError',
  'MongoPoolClosedError',
  'MongoPoolClearedError',
]);

const BROKEN_SOCKET_CODES: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET', 'ECONNABORTED', 'ETIMEDOUT']);

/** What a Store may raise for an error of the driver. Errors that are none of the driver's are left as they are. */
export function toStoreError(error: unknown, redact: Redact): unknown {
  if (error instanceof SchedulerError || !(error instanceof Error)) return error;
  const root = rootOf(error);
  if (isUnavailable(root) || isUnavailable(error)) {
    return new StoreUnavailableError(`MongoDB is not available: ${redact(root.message)}`, withoutSecrets(root, redact));
  }
  if (!(root instanceof MongoError)) return error;
  const said = redact(root.message);
  if (typeof root.code === 'number' && ACCESS_CODES.has(root.code)) {
    return new SchedulerError(
      `MongoDB refuses access: ${said}; check user, password and roles in the connection string`,
      {
        code: 'unavailable',
        retryable: false,
        cause: withoutSecrets(root, redact),
      },
    );
  }
  if (root instanceof MongoInvalidArgumentError || (typeof root.code === 'number' && UNSTORABLE_CODES.has(root.code))) {
    return new UnstorableError(`MongoDB cannot hold a record: ${said}`, withoutSecrets(root, redact));
  }
  return new SchedulerError(`MongoDB refused a request: ${said}`, {
    code: 'internal',
    retryable: false,
    cause: withoutSecrets(root, redact),
  });
}

/** Bulk writes wrap what went wrong on the way. */
function rootOf(error: Error): Error {
  if (!(error instanceof MongoBulkWriteError)) return error;
  const wrapped: unknown = error.errorResponse;
  return wrapped instanceof Error ? wrapped : error;
}

function isUnavailable(error: Error): boolean {
  if (UNAVAILABLE_CLASSES.some((known) => error instanceof known) || UNAVAILABLE_NAMES.has(error.name)) return true;
  if (!(error instanceof MongoError)) return isFailedLookup(error) || isBrokenSocket(error);
  if (typeof error.code === 'number' && UNAVAILABLE_CODES.has(error.code)) return true;
  if (RETRYABLE_LABELS.some((label) => error.hasErrorLabel(label))) return true;
  // Written, but not known to be durable: as good as not answered.
  return error instanceof MongoBulkWriteError && error.result?.getWriteConcernError() !== undefined;
}

/** A DNS question of a `mongodb+srv` address that was not answered; it comes bare, from Node. */
function isFailedLookup(error: Error): boolean {
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall !== undefined && /^(?:query|getaddrinfo)/.test(syscall);
}

/** Node's own word on a write to a socket that the server has closed meanwhile; it comes bare, too. */
function isBrokenSocket(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && BROKEN_SOCKET_CODES.has(code);
}

/** The error itself, unless anything of it would give a secret away to a log. */
function withoutSecrets(error: Error, redact: Redact): Error | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const shown = `${at.message}\n${at.stack ?? ''}`;
    if (redact(shown) !== shown) return undefined;
  }
  return error;
}
