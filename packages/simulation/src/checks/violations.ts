/** A promise that was broken, with the moment and the invariant of `docs/RELIABILITY.md`. */
export interface Violation {
  readonly at: number;
  readonly invariant: string;
  readonly what: string;
}

export class Violations {
  readonly list: Violation[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(invariant: string, what: string): void {
    // One story is enough; the first is the one that matters.
    if (this.list.length < 20) this.list.push({ at: this.#now(), invariant, what });
  }
}
