/** Base of the errors that use cases and drivers raise; `retryable`: the same call may succeed later. */
export class SchedulerError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  constructor(message: string, options: { code: string; retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.retryable = options.retryable;
  }
}

/** Raised by Store drivers when the database cannot be reached, or does not answer in time. */
export class StoreUnavailableError extends SchedulerError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'unavailable', retryable: true, cause });
  }
}

/** Raised by Store drivers for a record that the database can never hold, for example for its size. */
export class UnstorableError extends SchedulerError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'internal', retryable: false, cause });
  }
}

/** Raised by MessageBus drivers where a call cannot be kept for later. */
export class BusUnavailableError extends SchedulerError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'unavailable', retryable: true, cause });
  }
}

/** Raised by use cases for input that breaks a rule; `errors` names each field. */
export class ValidationError extends SchedulerError {
  readonly errors: readonly { path: string; message: string }[];
  constructor(errors: readonly { path: string; message: string }[]) {
    super(errors.map((e) => (e.path === '' ? e.message : `${e.path} ${e.message}`)).join('; '), {
      code: 'invalid',
      retryable: false,
    });
    this.errors = errors;
  }
}

export class NotFoundError extends SchedulerError {
  constructor(message: string) {
    super(message, { code: 'not_found', retryable: false });
  }
}

/** The name is taken, or the record is in a state that does not allow the request. */
export class ConflictError extends SchedulerError {
  constructor(message: string) {
    super(message, { code: 'conflict', retryable: false });
  }
}

/** The record is not the one that the caller saw (`If-Match`). */
export class PreconditionFailedError extends SchedulerError {
  constructor(message: string) {
    super(message, { code: 'precondition_failed', retryable: false });
  }
}

/** The run has ended in a way that leaves nothing to cancel. */
export class RunEndedError extends SchedulerError {
  constructor(message: string) {
    super(message, { code: 'bad_request', retryable: false });
  }
}

/** Raised by use cases that were held up for so long that what they loaded may not hold any more; the same call may succeed. */
export class OutdatedError extends SchedulerError {
  constructor(message: string) {
    super(message, { code: 'unavailable', retryable: true });
  }
}

/** Others changed the same record again and again while we tried; the same call may succeed later. */
export class ContendedError extends SchedulerError {
  constructor(message: string) {
    super(message, { code: 'unavailable', retryable: true });
  }
}
