import type { HeldJob } from '@simple-scheduler/core';
import { type JobAdvance, STORE_BATCH_MAX } from '../ports/index.ts';
import type { Context } from './context.ts';
import type { HeldJobs, TakenJob } from './held-jobs.ts';

/**
 * From the beginning of one write to that of the next. A write costs the store much the same whether it moves one job or
 * twenty, and nothing but a job's own next tick waits for it.
 */
const MOVE_DISTANCE_MS = 50;

/** A job whose due ticks are recorded, on its way to its next one. */
export interface JobMove {
  readonly taken: TakenJob;
  readonly advance: JobAdvance;
  /** As it goes back into the queue; null: no tick is left. */
  readonly onward: HeldJob | null;
}

/**
 * Moves jobs on to their next ticks, and puts them back into the queue: beside the turns that record their runs, so that
 * the jobs of several turns go together. The first after a silence goes at once, and so do all where one is soon due again.
 *
 * Nothing is lost with it: until a job is moved, its recorded ticks look due, and whoever comes upon them finds them
 * recorded.
 */
export class JobMoves {
  readonly #context: Context;
  readonly #held: HeldJobs;
  readonly #onWake: () => void;
  readonly #onPut: () => void;
  #waiting: JobMove[] = [];
  /** When the first of those that wait is due again. */
  #dueAgainAt = Number.POSITIVE_INFINITY;
  #beganAt = Number.NEGATIVE_INFINITY;

  /** `onWake` asks for `move` to be called; `onPut` tells that jobs are back in the queue. */
  constructor(context: Context, held: HeldJobs, { onWake, onPut }: { onWake(): void; onPut(): void }) {
    this.#context = context;
    this.#held = held;
    this.#onWake = onWake;
    this.#onPut = onPut;
  }

  /**
   * Resolves at once while few wait, else when they are moved.
   * @throws what the store has failed with, as `move`
   */
  async submit(moves: readonly JobMove[]): Promise<void> {
    if (moves.length === 0) return;
    for (const move of moves) {
      this.#waiting.push(move);
      this.#dueAgainAt = Math.min(this.#dueAgainAt, move.onward?.nextRunAt ?? Number.POSITIVE_INFINITY);
    }
    if (this.#waiting.length >= STORE_BATCH_MAX) await this.flush();
    else this.#onWake();
  }

  /**
   * One turn: moves what waits, if it is time. Returns when it wants to be called next, null for when it wakes its caller.
   * @throws what the store has failed with: the jobs are due as before
   */
  async move(): Promise<number | null> {
    const now = this.#context.clock.now();
    const nextAt = this.#nextAt(now);
    // A clock that was set back must not hold it up.
    if (nextAt === null || (now < nextAt && now >= this.#beganAt)) return nextAt;
    await this.flush();
    return this.#nextAt(this.#context.clock.now());
  }

  /**
   * Moves all that waits.
   * @throws as `move`
   */
  async flush(): Promise<void> {
    this.#beganAt = this.#context.clock.now();
    const moves = this.#waiting;
    this.#waiting = [];
    this.#dueAgainAt = Number.POSITIVE_INFINITY;
    for (let from = 0; from < moves.length; from += STORE_BATCH_MAX) {
      try {
        await this.#write(moves.slice(from, from + STORE_BATCH_MAX));
      } catch (error) {
        for (const { taken } of moves.slice(from)) this.#held.putBack(taken, taken);
        this.#onPut();
        throw error;
      }
    }
  }

  /** Under the full guard. Those that are still ours go back into the queue, with their next ticks. */
  async #write(moves: readonly JobMove[]): Promise<void> {
    const outcomes = await this.#context.store.advanceJobs(moves.map(({ advance }) => advance));
    let fenced = 0;
    for (const [i, { taken, onward }] of moves.entries()) {
      if (outcomes[i] === 'advanced') this.#held.putBack(taken, onward);
      else {
        // Edited, deleted or held by someone else since it was loaded: look at it again at once.
        fenced += 1;
        this.#held.putBack(taken, taken);
      }
    }
    if (fenced > 0) this.#context.meter.count('jobs_fenced_total', fenced);
    this.#onPut();
  }

  /** When to move something next; null where nothing waits. */
  #nextAt(now: number): number | null {
    if (this.#waiting.length === 0) return null;
    return this.#dueAgainAt <= now + MOVE_DISTANCE_MS ? now : Math.max(now, this.#beganAt + MOVE_DISTANCE_MS);
  }
}
