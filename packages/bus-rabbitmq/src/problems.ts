import type { Log } from '@simple-scheduler/engine';

/** What the broker refuses, told once when it begins and once when it is over, however often it is tried meanwhile. */
export class Problems {
  readonly #current = new Map<string, string>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** `subject`: the exchange or queue that it is about. */
  report(subject: string, message: string): void {
    if (this.#current.get(subject) === message) return;
    this.#current.set(subject, message);
    this.#log.error({ subject }, message);
  }

  solved(subject: string): void {
    if (this.#current.delete(subject)) this.#log.info({ subject }, 'RabbitMQ takes it now');
  }

  list(): string[] {
    return [...this.#current.values()];
  }
}
