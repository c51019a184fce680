import { SchedulerError } from '@simple-scheduler/engine';

export interface BatchOptions<Call, Outcome> {
  /** Outcomes are parallel to the calls. */
  readonly perform: (calls: readonly Call[]) => Promise<readonly Outcome[]>;
  /** Calls that go together at most. */
  readonly callsMax: number;
  /** A batch that is under way for longer holds up no more calls. */
  readonly slowAfterMs: number;
  /** Batches that are under way at once at most, where they are slow. */
  readonly underWayMax: number;
}

interface Waiting<Call, Outcome> {
  readonly call: Call;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets calls of one kind go together: those that come within one turn of the event loop, and those that come while a batch
 * is under way. Nobody waits for others to come: who is alone goes at once, and the busier it gets, the larger the batches.
 * Calls go in the order in which they came, each of them after it came.
 */
export class Batches<Call, Outcome> {
  readonly #options: BatchOptions<Call, Outcome>;
  #waiting: Waiting<Call, Outcome>[] = [];
  #underWay = 0;
  /** When the last batch went, by `performance.now()`. */
  #wentAt = Number.NEGATIVE_INFINITY;
  #isDue = false;
  #isWatching = false;

  constructor(options: BatchOptions<Call, Outcome>) {
    this.#options = options;
  }

  add(call: Call): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      this.#goSoon();
    });
  }

  /** At the end of this turn of the event loop, when all sockets that have something were read. */
  #goSoon(): void {
    if (this.#isDue || this.#waiting.length === 0) return;
    if (!this.#mayGo()) return this.#watch();
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#go();
    });
  }

  /** Looks again when what is under way counts as slow. */
  #watch(): void {
    if (this.#isWatching || this.#underWay >= this.#options.underWayMax) return;
    this.#isWatching = true;
    setTimeout(() => {
      this.#isWatching = false;
      this.#goSoon();
    }, this.#options.slowAfterMs);
  }

  #mayGo(): boolean {
    if (this.#underWay === 0) return true;
    const { slowAfterMs, underWayMax } = this.#options;
    return this.#underWay < underWayMax && performance.now() - this.#wentAt >= slowAfterMs;
  }

  #go(): void {
    const batch = this.#waiting.splice(0, this.#options.callsMax);
    this.#underWay += 1;
    this.#wentAt = performance.now();
    void this.#settle(batch).finally(() => {
      this.#underWay -= 1;
      this.#goSoon();
    });
  }

  /** Never rejects. */
  async #settle(batch: readonly Waiting<Call, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.#options.perform(batch.map(({ call }) => call));
      for (const [index, { resolve }] of batch.entries()) resolve(outcomes[index] as Outcome);
    } catch (error) {
      // What is wrong with one call must not become the others' error. Where nothing can be had at all, asking for each by
      // itself would only add to the trouble.
      if (batch.length === 1 || isUnavailable(error)) for (const { reject } of batch) reject(error);
      else await Promise.all(batch.map((one) => this.#settle([one])));
    }
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof SchedulerError && error.code === 'unavailable';
}
