/** What a consumer has that says nothing about itself, and one whose batches fail: all that are well come before it. */
const LAST = 0;
/** Ranks of those that are well are spread so wide that two of them are hardly ever the same. */
const RANKS = 2 ** 30;

/**
 * Which of several consumers of one queue the broker serves first: the one of the highest rank as long as it takes messages,
 * the next one with what that one has no room for. Served by turns, each would have a share of every run's messages: of two that
 * belong together, each half in a batch of its own, and all batches small. Any order does; so it is drawn, by each for itself.
 *
 * One whose batches fail goes last, since what it gives back would come to it again; and takes its rank again when one succeeds.
 */
export class ConsumerRank {
  readonly #rank: number;
  #isWell = true;

  constructor(random: () => number) {
    this.#rank = LAST + 1 + Math.floor(random() * RANKS);
  }

  /** For the next subscription: `x-priority` of the consumer. */
  get priority(): number {
    return this.#isWell ? this.#rank : LAST;
  }

  /** Notes how a batch ended. Returns whether that changes the priority. */
  note(succeeded: boolean): boolean {
    const changes = succeeded !== this.#isWell;
    this.#isWell = succeeded;
    return changes;
  }
}
