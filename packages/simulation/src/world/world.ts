import { Heap } from 'heap-js';

/** Events per turn of the event loop. */
const BATCH = 256;

interface Event {
  readonly at: number;
  readonly seq: number;
  readonly fire: () => void;
}

/**
 * Virtual time: a queue of events. Time moves only from event to event, and each event's promises settle before the
 * next one fires, so a run depends on the seed alone.
 */
export class World {
  /** True time, epoch ms; processes see it through clocks of their own. */
  now: number;
  readonly #queue = new Heap<Event>((a, b) => a.at - b.at || a.seq - b.seq);
  #seq = 0;
  #steps = 0;
  #trace = 0x811c9dc5;

  constructor(startAt: number) {
    this.now = startAt;
  }

  get steps(): number {
    return this.#steps;
  }

  after(delayMs: number, fire: () => void): void {
    this.#seq += 1;
    this.#queue.push({ at: this.now + Math.max(0, Math.floor(delayMs)), seq: this.#seq, fire });
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  /** Runs events up to and including `until`, each with all that follows from it before the next. */
  async run(until: number): Promise<void> {
    while (this.#hasEvent(until)) await this.#runBatch(until);
    this.now = until;
  }

  /**
   * Fires some events, each in a macrotask of its own: every promise that can settle without another event has by then,
   * as microtasks run before the next macrotask. Asked for together, they cost one turn of the event loop.
   */
  #runBatch(until: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = (isLast: boolean): void => {
        try {
          if (this.#hasEvent(until)) this.#fireNext();
          if (isLast) setImmediate(resolve);
        } catch (error) {
          reject(error);
        }
      };
      for (let i = 1; i <= BATCH; i += 1) setImmediate(step, i === BATCH);
    });
  }

  #hasEvent(until: number): boolean {
    const next = this.#queue.peek();
    return next !== undefined && next.at <= until;
  }

  #fireNext(): void {
    const next = this.#queue.pop() as Event;
    this.now = next.at;
    next.fire();
    this.#steps += 1;
  }

  /** Adds what happened to the trace; two runs of one seed must have the same. */
  note(text: string): void {
    let hash = this.#trace;
    for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    this.#trace = Math.imul(hash ^ (this.now & 0xffff), 0x01000193);
  }

  get traceHash(): string {
    return (this.#trace >>> 0).toString(16).padStart(8, '0');
  }
}
