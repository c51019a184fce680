/** Misses in a row past which it makes no further difference: one look for each 64 topologies then. */
const MISSES_MAX = 6;
/** Topologies that are needed this long after the last one are of another crowd. */
const CROWD_MS = 5_000;

/**
 * Whether it pays to look for a topology before declaring it. A look that finds one saves all of its declarations, and
 * one that does not costs a channel. Topologies come in crowds (those of a scheduler that has ended are all there, those
 * of new jobs all are not), so the last answers tell what the next will be: each miss doubles the number of topologies
 * that are declared without a look, one that is found begins anew.
 */
export class Expectation {
  #isMet = false;
  #misses = 0;
  #toDeclare = 0;
  #isHopeless = false;
  #neededAt = Number.NEGATIVE_INFINITY;
  /** Of the look that is under way while none has found anything. */
  #answer: PromiseWithResolvers<void> | undefined;

  /**
   * Where this is true, one of the next three is to be called with the answer. Until one was found there is one look at a
   * time, and the others wait for its answer: to declare them in vain would take eight requests each.
   */
  async mayLook(now: number = performance.now()): Promise<boolean> {
    if (now - this.#neededAt > CROWD_MS) this.#expectNothing();
    this.#neededAt = now;
    while (this.#answer !== undefined) await this.#answer.promise;
    if (this.#isHopeless) return false;
    if (this.#isMet) return true;
    if (this.#toDeclare > 0) {
      this.#toDeclare--;
      return false;
    }
    this.#answer = Promise.withResolvers();
    return true;
  }

  found(): void {
    this.#isMet = true;
    this.#misses = 0;
    this.#toDeclare = 0;
    this.unanswered();
  }

  missed(): void {
    this.#isMet = false;
    this.#misses = Math.min(this.#misses + 1, MISSES_MAX);
    this.#toDeclare = 2 ** this.#misses;
    this.unanswered();
  }

  unanswered(): void {
    this.#answer?.resolve();
    this.#answer = undefined;
  }

  /** What is found says nothing more, until `reset`. */
  giveUp(): void {
    this.#isHopeless = true;
  }

  reset(): void {
    this.#isHopeless = false;
    this.#expectNothing();
  }

  #expectNothing(): void {
    this.#isMet = false;
    this.#misses = 0;
    this.#toDeclare = 0;
  }
}
