/** How long calls may hold the event loop before one of them lets it go round. */
const TURN_MAX_MS = 10;

/**
 * Calls that are synchronous inside resolve without a turn of the event loop, so whoever awaits one after the other
 * would keep timers, sockets and everybody else waiting until it is through. This gives the loop a turn in between.
 */
export class Turns {
  #startedAt: number | undefined;

  /** Before a call. */
  begin(): void {
    if (this.#startedAt !== undefined) return;
    this.#startedAt = performance.now();
    setImmediate(() => {
      this.#startedAt = undefined;
    });
  }

  /** After a call: resolves at once, or after a turn when this one has lasted long enough. */
  async end(): Promise<void> {
    if (this.#startedAt !== undefined && performance.now() - this.#startedAt >= TURN_MAX_MS) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** The same methods, each of which takes its turn. */
export function inTurns<M extends object>(methods: M): M {
  const turns = new Turns();
  const wrapped = Object.entries(methods).map(([name, method]: [string, (...args: unknown[]) => Promise<unknown>]) => {
    const inTurn = async (...args: unknown[]): Promise<unknown> => {
      turns.begin();
      const result = await method(...args);
      await turns.end();
      return result;
    };
    return [name, inTurn];
  });
  return Object.fromEntries(wrapped) as M;
}
