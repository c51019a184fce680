import type { Log } from '@simple-scheduler/engine';

/** Times and ports within a message differ from try to try without telling anything new. */
const NUMBERS = /\d+/g;

/**
 * Tells of a failure that goes on: once when it begins, once for each other error that takes its place, once when it is
 * over. A database that is away for an hour is then three lines and not three thousand.
 */
export class FailureLog {
  readonly #log: Log;
  readonly #name: string;
  #last: string | undefined;
  #kind: string | undefined;
  #count = 0;

  constructor(log: Log, name: string) {
    this.#log = log;
    this.#name = name;
  }

  /** How many times in a row it has failed. */
  get count(): number {
    return this.#count;
  }

  /** Why it fails at present. */
  get reason(): string | undefined {
    return this.#last;
  }

  failed(error: unknown): void {
    this.#count += 1;
    const text = error instanceof Error ? error.message : String(error);
    const kind = text.replace(NUMBERS, '#');
    if (kind === this.#kind) this.#log.debug({ error, failures: this.#count }, `${this.#name} failed again`);
    else this.#log.error({ error, failures: this.#count }, `${this.#name} failed; trying again`);
    this.#last = text;
    this.#kind = kind;
  }

  succeeded(): void {
    if (this.#count > 0) this.#log.info({ failures: this.#count }, `${this.#name} works again`);
    this.#count = 0;
    this.#last = undefined;
    this.#kind = undefined;
  }
}
