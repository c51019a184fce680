import type { TopologyRefusedError } from './amqp-errors.ts';
import type { Problems } from './problems.ts';

/** How long a refusal is believed: asking costs a channel each time, and only an operator can change the answer. */
const REFUSAL_TTL_MS = 15_000;

/** The topologies that the broker refuses. */
export class Refusals {
  readonly #problems: Problems;
  readonly #refused = new Map<string, { readonly error: TopologyRefusedError; readonly at: number }>();

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  /** The last answer, while it is believed. */
  believed(key: string): TopologyRefusedError | undefined {
    const refused = this.#refused.get(key);
    return refused !== undefined && performance.now() - refused.at < REFUSAL_TTL_MS ? refused.error : undefined;
  }

  note(key: string, error: TopologyRefusedError): void {
    this.#problems.report(error.subject, error.message);
    this.#refused.set(key, { error, at: performance.now() });
  }

  /** It was taken. */
  solved(key: string): void {
    const refused = this.#refused.get(key);
    if (refused !== undefined) this.#problems.solved(refused.error.subject);
    this.#refused.delete(key);
  }

  /** It was removed; nothing is known of its next declaration. */
  forget(key: string): void {
    this.#refused.delete(key);
  }

  /** All may be tried again. */
  disbelieve(): void {
    for (const [key, { error }] of this.#refused) this.#refused.set(key, { error, at: Number.NEGATIVE_INFINITY });
  }
}
