/** A moment until which several things may take: one timer, however many wait for it. */
export class Deadline {
  readonly #listeners = new Set<() => void>();
  readonly #timer: NodeJS.Timeout;
  #isOver = false;

  constructor(delayMs: number) {
    this.#timer = setTimeout(() => this.end(), delayMs);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Calls back when it is over; at once where it is. Returns what takes that back. */
  onEnd(listener: () => void): () => void {
    if (this.#isOver) {
      listener();
      return () => {};
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Before its time, too. */
  end(): void {
    this.clear();
    if (this.#isOver) return;
    this.#isOver = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  /** It will never be over: what it was for is done. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}

/** What `promise` gives, or `late` after `delayMs`; a rejection that comes after that is nobody's. */
export async function within<T, L>(promise: Promise<T>, delayMs: number, late: L): Promise<T | L> {
  const { promise: over, resolve } = Promise.withResolvers<L>();
  const timer = setTimeout(() => resolve(late), delayMs);
  promise.catch(() => {});
  return Promise.race([promise, over]).finally(() => clearTimeout(timer));
}
