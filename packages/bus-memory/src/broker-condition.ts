import type { Timers } from './options.ts';

/** Whether the broker can be used; those who depend on it are told, in the order in which they asked to be. */
export class BrokerCondition {
  readonly #maxBytes: number;
  readonly #listeners = new Set<() => void>();
  #bytes = 0;
  #isUp = true;
  #isBlocked = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  get bytes(): number {
    return this.#bytes;
  }

  setUp(isUp: boolean): void {
    if (this.#isUp === isUp) return;
    this.#isUp = isUp;
    this.#tell();
  }

  account(bytes: number): void {
    this.#bytes += bytes;
    // Between the two marks it stays as it is: one message more or less must not make everybody stop and go.
    const isBlocked = this.#isBlocked ? this.#bytes > this.#maxBytes * 0.9 : this.#bytes > this.#maxBytes;
    if (isBlocked === this.#isBlocked) return;
    this.#isBlocked = isBlocked;
    this.#tell();
  }

  /** Makes everybody look again, for what only an endpoint knows: that it was opened or closed. */
  touch(): void {
    this.#tell();
  }

  /** Returns what ends the subscription. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** True as soon as `isFulfilled` is, looked at with every change; false after `timeoutMs`. */
  async waitUntil(isFulfilled: () => boolean, timeoutMs: number, timers: Timers): Promise<boolean> {
    if (isFulfilled()) return true;
    return new Promise((resolve) => {
      const settle = (result: boolean): void => {
        unsubscribe();
        timers.clear(timer);
        resolve(result);
      };
      const unsubscribe = this.onChange(() => {
        if (isFulfilled()) settle(true);
      });
      const timer = timers.set(() => settle(false), timeoutMs);
    });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
