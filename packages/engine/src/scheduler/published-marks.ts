import type { RunRecord } from '@simple-scheduler/core';
import { STORE_BATCH_MAX } from '../ports/index.ts';
import type { Context } from './context.ts';
import { marked, type PublishedAction } from './publish-owed.ts';

/** From the beginning of one marking to that of the next. */
const MARK_DISTANCE_MS = 500;
/**
 * From its confirm on a run has that long for its worker to answer, which spares its mark: a mark costs the store as much as any other
 * write and is needed only by runs whose worker says nothing for a while. With the distance it is also how much is published
 * again after a crash at the most, so together they are well below `PUBLISH_GRACE_MS`.
 */
const ANSWER_MS = 1_000;
/**
 * So long before the watchdog would publish it again a mark should be in the store: a scheduler that is alive, however slow the
 * store, leaves nothing that it has published to be published twice.
 */
const MARGIN_MS = 1_500;
/** A deadline sooner than that after the publication is made known to the watchdog at once: it may look seldom. */
const SOON_MS = 5_000;
/** What a mark takes, until it was measured. */
const MS_PER_MARK = 0.3;
/** So many do not wait for that: more of them in one go gain nothing, and take memory. */
const WAITING_MAX = 10_000;

/**
 * What the bus has confirmed and the store still holds as owed. The first after a silence is marked at once, then marks
 * go together, at a distance, those that have waited for their worker. What the worker's word was written for needs none.
 *
 * Nothing is lost with it: until a run is marked, or heard of, its record owes the action, and the watchdog would publish
 * it again.
 */
export class PublishedMarks {
  readonly #context: Context;
  readonly #onWake: () => void;
  /** By run, in the order in which they came; an attempt that was published later takes the place of the one before. */
  readonly #waiting = new Map<string, PublishedAction>();
  /** Something that waits has a deadline soon, which only its mark makes known to the watchdog. */
  #urgent = false;
  #beganAt = Number.NEGATIVE_INFINITY;
  /** When something was last added. */
  #addedAt = Number.NEGATIVE_INFINITY;
  /** Nothing was added for a while before what waits. */
  #afterSilence = false;
  /** When the watchdog has something to do with the first of what waits, or was dropped since: to publish it again, or to keep a deadline. */
  #neededAt = Number.POSITIVE_INFINITY;
  /** As the store was lately. */
  #msPerMark = MS_PER_MARK;

  constructor(context: Context, onWake: () => void) {
    this.#context = context;
    this.#onWake = onWake;
  }

  add(published: readonly PublishedAction[]): void {
    if (published.length === 0) return;
    const now = this.#context.clock.now();
    if (this.#waiting.size === 0) this.#afterSilence = now >= this.#addedAt + MARK_DISTANCE_MS;
    this.#addedAt = now;
    for (const action of published) this.#wait(action);
    this.#onWake();
  }

  /** Tells of a run whether what it owes is confirmed and waits, as it is now, for its mark to be in the store. */
  holding(): (run: RunRecord) => boolean {
    const waiting = new Map(this.#waiting);
    return (run) => isOf(run, waiting.get(run.id));
  }

  /** This run was written by what its worker said: it owes nothing any more. */
  drop(id: string): void {
    this.#waiting.delete(id);
  }

  /** The run as it is once it is marked: what its worker says is then about a run that was published, and when. */
  applied(run: RunRecord): RunRecord {
    const own = this.#waiting.get(run.id);
    if (own === undefined || run.status !== 'pending' || run.owes !== 'run' || !isOf(run, own)) return run;
    return marked(run, own);
  }

  /** One turn: marks what has waited, if it is time. Returns when it wants to be called next, null for when it wakes its caller. */
  async mark(): Promise<number | null> {
    const now = this.#context.clock.now();
    const nextAt = this.#nextAt(now);
    // A clock that was set back must not hold it up.
    if (nextAt === null || (now < nextAt && now >= this.#beganAt)) return nextAt;
    this.#beganAt = now;
    const isDue = ({ at }: PublishedAction): boolean => now >= at + ANSWER_MS || now < at;
    const waiting = [...this.#waiting.values()];
    await this.#markAll(this.#isPressing(now) ? waiting : waiting.filter(isDue));
    return this.#nextAt(now);
  }

  /**
   * Marks all that waits.
   * @throws what the store has failed with: what it has not marked waits as before
   */
  async flush(): Promise<void> {
    await this.#markAll([...this.#waiting.values()]);
  }

  async #markAll(marks: readonly PublishedAction[]): Promise<void> {
    this.#afterSilence = false;
    for (let from = 0; from < marks.length; from += STORE_BATCH_MAX) {
      const batch = marks.slice(from, from + STORE_BATCH_MAX);
      await this.#markBatch(batch);
      // Only now, so that until it is in the store whoever asks is told that it waits.
      for (const action of batch) if (this.#waiting.get(action.id) === action) this.#waiting.delete(action.id);
    }
    this.#urgent = false;
    this.#neededAt = Number.POSITIVE_INFINITY;
    for (const action of this.#waiting.values()) this.#mind(action);
  }

  async #markBatch(marks: readonly PublishedAction[]): Promise<void> {
    const { clock, store } = this.#context;
    const beganAt = clock.now();
    await store.markPublished(marks);
    const msPerMark = Math.max(0, clock.now() - beganAt) / marks.length;
    // Few at once tell more of the way to the store than of the store.
    this.#msPerMark += ((msPerMark - this.#msPerMark) * marks.length) / STORE_BATCH_MAX;
  }

  /** When to mark something next; null where nothing waits. */
  #nextAt(now: number): number | null {
    const [longest] = this.#waiting.values();
    if (longest === undefined) return null;
    if (this.#isPressing(now)) return now;
    const together = Math.max(this.#beganAt + MARK_DISTANCE_MS, Math.min(longest.at, now) + ANSWER_MS);
    return Math.min(together, this.#pressingFrom());
  }

  /** All that waits is to be marked at once. */
  #isPressing(now: number): boolean {
    return this.#urgent || this.#afterSilence || this.#waiting.size >= WAITING_MAX || now >= this.#pressingFrom();
  }

  /** Begun then, all that waits is marked before the watchdog needs the first of it. Whole milliseconds, as timers have it. */
  #pressingFrom(): number {
    return Math.floor(this.#neededAt - MARGIN_MS - this.#waiting.size * this.#msPerMark);
  }

  #wait(action: PublishedAction): void {
    this.#waiting.delete(action.id); // to the end: who has waited longest comes first
    this.#waiting.set(action.id, action);
    this.#mind(action);
  }

  /** What waits is to be marked in time for this. */
  #mind({ at, watchAt = Number.POSITIVE_INFINITY, graceEndsAt }: PublishedAction): void {
    this.#neededAt = Math.min(this.#neededAt, graceEndsAt, watchAt);
    this.#urgent ||= watchAt < at + SOON_MS;
  }
}

function isOf({ attempt, owes }: RunRecord, action: PublishedAction | undefined): boolean {
  return action?.attempt === attempt && action.action === owes;
}
