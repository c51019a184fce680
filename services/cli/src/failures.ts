import type { FieldError } from '@simple-scheduler/contracts';
import { EXIT } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';

/** A failure that has its sentence for the user already: what went wrong, and what to do next. */
export class CliFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, sentence: string, options?: { cause?: unknown }) {
    super(sentence, options);
    this.name = 'CliFailure';
    this.exitCode = exitCode;
  }
}

export function usageFailure(sentence: string): CliFailure {
  return new CliFailure(EXIT.usage, sentence);
}

/** What is wrong with a field. Some of the API's messages name it themselves: `cron expression has 3 fields`. */
export function fieldFault({ path, message }: FieldError): string {
  return path === '' || message.startsWith(`${path} `) ? message : `${path} ${message}`;
}

/** Some of several things could not be done; each has its own reason. */
export class SeveralFailures extends Error {
  readonly failures: readonly unknown[];

  constructor(failures: readonly unknown[]) {
    super(`${failures.length} failures`);
    this.name = 'SeveralFailures';
    this.failures = failures;
  }
}

/** @throws the one failure there is, or SeveralFailures */
export function throwAll(failures: readonly unknown[]): void {
  if (failures.length > 1) throw new SeveralFailures(failures);
  if (failures.length === 1) throw failures[0];
}
