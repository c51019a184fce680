/** So many ticks are remembered; those before fade. */
const TICKS_REMEMBERED = 500;
/**
 * Refusals expected in a batch from which on a look comes first. A single one has MongoDB insert the rest of the batch document by
 * document: in batches of 500 that costs up to 80 µs more for each run in it, a look at their places 25 (docs/decisions/0002-slots.md).
 */
const WORTH_A_LOOK = 1 / 3;

/**
 * How many ticks lately met the run before them, of jobs that let none wait. Mostly there are none, so nobody looks first and the
 * store refuses a run that comes too early. Where runs take longer than their interval, or all of it is slow, refusals would make it
 * slower still.
 */
export class Overlaps {
  #share = 0;

  /** `met` of these ticks were refused, or left out after a look. */
  note(ticks: number, met: number): void {
    if (ticks > 0) this.#share += (met / ticks - this.#share) * Math.min(1, ticks / TICKS_REMEMBERED);
  }

  /** Whether to look before so many ticks are recorded. */
  areLikelyAmong(ticks: number): boolean {
    return this.#share * ticks >= WORTH_A_LOOK;
  }
}
