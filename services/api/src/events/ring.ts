import type { Frame } from './frames.ts';

export interface RingLimits {
  readonly frames: number;
  readonly chars: number;
}

/** The newest events, without a gap from `start` to `head`: cursors, which sort. */
export class Ring {
  start = '';
  head = '';
  readonly #limits: RingLimits;
  #frames: Frame[] = [];
  /** Those before this one are gone; the array is cut now and then. */
  #first = 0;
  #chars = 0;

  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  /** Empty, from this place on. */
  restart(at: string): void {
    this.#frames = [];
    this.#first = 0;
    this.#chars = 0;
    this.start = at;
    this.head = at;
  }

  /** Adds events and moves the head, which may be past the last of them. */
  add(frames: readonly Frame[], head: string): void {
    for (const frame of frames) {
      this.#frames.push(frame);
      this.#chars += frame.text.length;
    }
    this.head = head;
    while (this.#frames.length - this.#first > this.#limits.frames || this.#chars > this.#limits.chars) this.#drop();
    if (this.#first > this.#limits.frames) {
      this.#frames = this.#frames.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Whether all events after this place are here, or still to come. */
  reaches(cursor: string): boolean {
    return cursor >= this.start;
  }

  /**
   * Whether this is a place that was given out: of an event that is here, or where the ring begins or ends. There are
   * others between them, of changes without an event.
   */
  knows(cursor: string): boolean {
    return (
      cursor === this.start || cursor === this.head || this.#frames[this.#indexAfter(cursor) - 1]?.cursor === cursor
    );
  }

  /** The next events after this place, up to so much text (but one at least). */
  after(cursor: string, chars: number): Frame[] {
    const from = this.#indexAfter(cursor);
    let size = 0;
    let to = from;
    while (to < this.#frames.length && size < chars) {
      size += this.#frames[to]?.text.length ?? 0;
      to += 1;
    }
    return this.#frames.slice(from, to);
  }

  #drop(): void {
    const oldest = this.#frames[this.#first];
    if (oldest === undefined) return;
    this.#chars -= oldest.text.length;
    this.start = oldest.cursor;
    this.#first += 1;
  }

  #indexAfter(cursor: string): number {
    let [low, high] = [this.#first, this.#frames.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#frames[middle]?.cursor ?? '') > cursor) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
