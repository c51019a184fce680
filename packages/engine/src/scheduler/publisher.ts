import type { RunRecord } from '@simple-scheduler/core';
import type { Context } from './context.ts';
import { publishActions, publishCancelAgain, withdraw } from './publish-owed.ts';
import { PublishedMarks } from './published-marks.ts';

/** Runs whose actions may be on their way to the bus at once; past that, whoever starts runs waits. */
const IN_FLIGHT_MAX = 5_000;

/**
 * Publishes beside whoever starts runs, hears workers and repairs what is late, so that an action that the broker does not confirm
 * holds up none of them; in bounded memory. Nothing is lost with it: the run records owe their actions until these are confirmed.
 */
export class Publisher {
  readonly #context: Context;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #marks: PublishedMarks;
  #runs = 0;
  /** By id, runs that are on their way to the bus and that the store, as far as we know, still holds as owing their action. */
  readonly #owing = new Map<string, RunRecord>();

  /** `onWake` asks for `mark` to be called. */
  constructor(context: Context, onWake: () => void) {
    this.#context = context;
    this.#marks = new PublishedMarks(context, onWake);
  }

  /** Resolves at once while there is room, else when there is room again. */
  async submit(runs: readonly RunRecord[]): Promise<void> {
    if (runs.length > 0) await this.#begin(runs.length, this.#publish(runs), 'publishing failed; the runs stay owed');
  }

  /** The same for a further `cancel` of runs that have ended, of which nothing is noted. */
  async cancelAgain(runs: readonly RunRecord[]): Promise<void> {
    if (runs.length === 0) return;
    await this.#begin(runs.length, publishCancelAgain(this.#context, runs), 'a cancel was not published again');
  }

  /** The run as it is, where the store does not know yet that the bus has confirmed its action. */
  published(run: RunRecord): RunRecord {
    return this.#marks.applied(run);
  }

  /**
   * Tells of records that are read from now on whether what they owe is on its way to the bus from here, or confirmed to us
   * and to be marked: as it is now, since a record may be read just before its mark is written, and asked about just after.
   */
  holding(): (run: RunRecord) => boolean {
    const owing = new Map(this.#owing);
    const isMarking = this.#marks.holding();
    return (run) => {
      const inFlight = owing.get(run.id);
      return (inFlight?.attempt === run.attempt && inFlight.owes === run.owes) || isMarking(run);
    };
  }

  /** These runs were written, each with what its worker said. */
  heard(runs: Iterable<RunRecord>): void {
    for (const { id, owes } of runs) {
      if (owes !== undefined) continue;
      this.#owing.delete(id);
      this.#marks.drop(id);
    }
  }

  /** Marks what was published, if it is time. Returns when it wants to be called next; null: when woken. */
  mark(): Promise<number | null> {
    return this.#marks.mark();
  }

  /** Resolves when everything submitted so far is settled. */
  async drain(): Promise<void> {
    await Promise.all(this.#inFlight);
    await this.#marks.flush().catch((error: unknown) => {
      this.#context.log.warn({ err: error }, 'some runs could not be marked as published; they stay owed');
    });
  }

  async #begin(runs: number, publishing: Promise<void>, problem: string): Promise<void> {
    this.#runs += runs;
    const task: Promise<void> = publishing
      .catch((error: unknown) => this.#context.log.warn({ err: error, runs }, problem))
      .finally(() => {
        this.#runs -= runs;
        this.#inFlight.delete(task);
      });
    this.#inFlight.add(task);
    while (this.#runs > IN_FLIGHT_MAX) await Promise.race(this.#inFlight);
  }

  async #publish(runs: readonly RunRecord[]): Promise<void> {
    const now = this.#context.clock.now();
    // Where we were held up for so long, others may be publishing it.
    const own = runs.filter(({ watchAt }) => watchAt === undefined || now < watchAt);
    for (const run of own) this.#owing.set(run.id, run);
    try {
      const { published, unpublished } = await publishActions(this.#context, own);
      this.#marks.add(published.filter(({ id }) => this.#owing.has(id)));
      await withdraw(
        this.#context,
        unpublished.filter(({ id }) => this.#owing.has(id)),
      );
    } finally {
      for (const { id } of own) this.#owing.delete(id);
    }
  }
}
