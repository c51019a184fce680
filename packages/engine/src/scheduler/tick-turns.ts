import type { Context } from './context.ts';
import { startRunsOf, type TickState } from './start-due-runs.ts';

/** Jobs that one turn handles; what else is due follows in the next turn, soonest first. */
const BATCH_MAX = 500;
/**
 * Turns under way at once. A turn is a row of waits for the database; ticks that come due in the meantime would wait for
 * the whole of it. With more of them batches get smaller and their commands more, so that everybody waits again.
 */
const TURNS_MAX = 3;
/**
 * From the beginning of one turn to that of the next, where the one has not ended yet. A turn's commands cost much the same
 * whether it has one job or twenty: without a distance, a thousand ticks a second are turns of ten jobs that leave no
 * processor time for what comes after them. With 8 ms they are hardly fewer, with 15 ms ticks wait for longer than it gains
 * (`npm run bench -- --workload w1 --jobs 1000`).
 */
const TURN_DISTANCE_MS = 11;

/**
 * The tick loop's turns, several at a time: jobs that are in one of them are out of the queue, so no two of them ever
 * have the same job.
 */
export class TickTurns {
  readonly #context: Context;
  readonly #state: TickState;
  readonly #mayStart: () => boolean;
  readonly #onWake: () => void;
  readonly #underWay = new Set<Promise<void>>();
  /** Why the last turn failed, until the loop has been told. */
  #failure: { readonly error: unknown } | undefined;
  /** The loop was told of a failure, and no turn has gone well since. */
  #isFailing = false;
  /** When the last turn began. */
  #beganAt = Number.NEGATIVE_INFINITY;
  /** When the loop said that it would come. */
  #expectedAt = Number.POSITIVE_INFINITY;

  constructor(context: Context, state: TickState, { mayStart, onWake }: { mayStart(): boolean; onWake(): void }) {
    this.#context = context;
    this.#state = state;
    this.#mayStart = mayStart;
    this.#onWake = onWake;
  }

  /**
   * Begins a turn with what is due, once there is room for it; after one that failed, waits for its end, so that the caller's
   * pauses grow while the store fails. Returns when it wants to be called next, null for not before it wakes its caller.
   * @throws what an earlier turn has failed with: its jobs are due as before
   */
  async start(): Promise<number | null> {
    while (this.#underWay.size >= TURNS_MAX) await Promise.race(this.#underWay);
    this.#throwFailure();
    // Looked at after the wait for room, in which the lease may have run out.
    if (!this.#mayStart()) return null;
    const now = this.#context.clock.now();
    const mayBeginAt = this.#beganAt + TURN_DISTANCE_MS;
    // Should the clock have been set back, the end of the turns that are under way ends the wait too.
    if (this.#underWay.size > 0 && now < mayBeginAt) {
      this.#expectedAt = Math.max(mayBeginAt, this.#state.held.nextAt() ?? Number.POSITIVE_INFINITY);
      return Number.isFinite(this.#expectedAt) ? this.#expectedAt : null;
    }
    const taken = this.#state.held.takeDue(now, BATCH_MAX);
    if (taken.length > 0) {
      this.#beganAt = now;
      const turn: Promise<void> = startRunsOf(this.#context, this.#state, taken, now)
        .catch((error: unknown) => {
          this.#failure = { error };
        })
        .finally(() => {
          this.#underWay.delete(turn);
          this.look();
        });
      this.#underWay.add(turn);
      if (this.#isFailing) {
        await turn;
        this.#throwFailure();
        this.#isFailing = false;
      }
    }
    const next = this.#state.held.nextAt();
    this.#expectedAt = next ?? Number.POSITIVE_INFINITY;
    return next;
  }

  /** Resolves when no turn is under way. */
  async drain(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** There is room for a turn, or jobs are back in the queue, perhaps with ticks sooner than what was there without them. */
  look(): void {
    const next = this.#state.held.nextAt() ?? Number.POSITIVE_INFINITY;
    if (this.#failure !== undefined || next < this.#expectedAt) this.#onWake();
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure === undefined) return;
    this.#isFailing = true;
    throw failure.error;
  }
}
