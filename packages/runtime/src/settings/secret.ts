import { inspect } from 'node:util';

/**
 * A setting that must not be printed. Text, JSON, `console.log` and log lines show the harmless form; only `reveal()`
 * gives the value, so that each place that uses a secret can be found by that name.
 */
export class Secret {
  readonly #value: string;
  readonly #shown: string;

  constructor(value: string, shown: string = '[redacted]') {
    this.#value = value;
    this.#shown = shown;
  }

  static {
    // Not a computed method: declaration files made file by file cannot hold one.
    Object.defineProperty(this.prototype, inspect.custom, { value: this.prototype.toString });
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return this.#shown;
  }

  toJSON(): string {
    return this.#shown;
  }
}

/**
 * A connection string without what is secret in it: `mongodb://ada:***@db:27017/x`. Takes everything up to the last `@`
 * for the password, as people forget to percent-encode theirs.
 */
export function withoutPassword(text: string): string {
  return text
    .replace(/(:\/\/[^:@/?#]*):.*@/s, '$1:***@')
    .replace(/([?&][^=&]*(?:password|secret|token)[^=&]*=)[^&]*/gi, '$1***');
}
