import { PUBLISH_GRACE_MS, type RunRecord, withDeadline, without } from '@simple-scheduler/core';
import { STORE_BATCH_MAX } from '../ports/index.ts';
import type { Context } from './context.ts';
import type { PublishedAction } from './publish-owed.ts';

/**
 * From the beginning of one marking to that of the next. A mark costs the store as much as any other write and is needed only
 * by runs whose worker says nothing for a while; most have been heard of by then, and in a burst a third of all writes is
 * spared. It is also how much is published again after a crash at the most, so it is well below `PUBLISH_GRACE_MS`.
 */
const MARK_DISTANCE_MS = 500;
/** So many do not wait for that: more of them in one go gain nothing, and take memory. */
const WAITING_MAX = 10_000;

/**
 * What the bus has confirmed and the store still holds as owed. The first after a silence is marked at once, then marks
 * go together, at a distance. What the worker's word was written for needs none.
 *
 * Nothing is lost with it: until a run is marked, or heard of, its record owes the action, and the watchdog would publish
 * it again.
 */
export class PublishedMarks {
  readonly #context: Context;
  readonly #onWake: () => void;
  /** By run; an attempt that was published later takes the place of the one before. */
  #waiting = new Map<string, PublishedAction>();
  /** Something that waits has a deadline which only its mark makes known to the watchdog. */
  #urgent = false;
  #beganAt = Number.NEGATIVE_INFINITY;

  constructor(context: Context, onWake: () => void) {
    this.#context = context;
    this.#onWake = onWake;
  }

  add(published: readonly PublishedAction[]): void {
    if (published.length === 0) return;
    for (const action of published) this.#wait(action);
    this.#onWake();
  }

  /** This run was written by what its worker said: it owes nothing any more. */
  drop(id: string): void {
    this.#waiting.delete(id);
  }

  /** The run as it is once it is marked: what its worker says is then about a run that was published, and when. */
  applied(run: RunRecord): RunRecord {
    const action = this.#waiting.get(run.id);
    if (action === undefined || action.action !== 'run') return run;
    if (run.status !== 'pending' || run.owes !== 'run' || run.attempt !== action.attempt) return run;
    return withDeadline({ ...without(run, 'owes'), publishedAt: action.at });
  }

  /** One turn: marks what waits, if it is time. Returns when it wants to be called next, null for when it wakes its caller. */
  async mark(): Promise<number | null> {
    if (this.#waiting.size === 0) return null;
    const now = this.#context.clock.now();
    const mayBeginAt = this.#beganAt + MARK_DISTANCE_MS;
    // A clock that was set back must not hold it up for longer than a distance.
    const tooSoon = now < mayBeginAt && now >= this.#beganAt;
    if (tooSoon && !this.#urgent && this.#waiting.size < WAITING_MAX) return mayBeginAt;
    this.#beganAt = now;
    await this.flush();
    return null;
  }

  /**
   * Marks all that waits.
   * @throws what the store has failed with: what it has not marked waits as before
   */
  async flush(): Promise<void> {
    const marks = [...this.#waiting.values()];
    this.#waiting = new Map();
    this.#urgent = false;
    for (let from = 0; from < marks.length; from += STORE_BATCH_MAX) {
      try {
        await this.#context.store.markPublished(marks.slice(from, from + STORE_BATCH_MAX));
      } catch (error) {
        for (const action of marks.slice(from)) if (!this.#waiting.has(action.id)) this.#wait(action);
        throw error;
      }
    }
  }

  #wait(action: PublishedAction): void {
    this.#waiting.set(action.id, action);
    // Until it is marked, the watchdog looks at it when the grace of the publication is over.
    this.#urgent ||= action.watchAt !== undefined && action.watchAt < action.at + PUBLISH_GRACE_MS;
  }
}
