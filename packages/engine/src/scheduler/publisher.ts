import type { RunRecord } from '@simple-scheduler/core';
import type { Context } from './context.ts';
import { publishActions } from './publish-owed.ts';
import { PublishedMarks } from './published-marks.ts';

/** Runs whose actions may be on their way to the bus at once; past that, whoever starts runs waits. */
const IN_FLIGHT_MAX = 5_000;

/**
 * Publishes beside the loop that starts runs, so that a slow broker does not make the next ticks late, and in bounded
 * memory. Nothing is lost with it: the run records owe their actions until these are confirmed.
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
    // Without a broker nothing would come of it but a wait; the watchdog publishes what is owed once it is back.
    if (runs.length === 0 || this.#context.bus.state() !== 'connected') return;
    this.#runs += runs.length;
    const task: Promise<void> = this.#publish(runs)
      .catch((error: unknown) =>
        this.#context.log.warn({ err: error, runs: runs.length }, 'publishing failed; the runs stay owed'),
      )
      .finally(() => {
        this.#runs -= runs.length;
        this.#inFlight.delete(task);
      });
    this.#inFlight.add(task);
    while (this.#runs > IN_FLIGHT_MAX) await Promise.race(this.#inFlight);
  }

  /** The run as it is, where the store does not know yet that the bus has confirmed its action. */
  published(run: RunRecord): RunRecord {
    return this.#marks.applied(run);
  }

  /** What this run owes is on its way to the bus from here, or has been confirmed to us and is to be marked. */
  holds(run: RunRecord): boolean {
    const inFlight = this.#owing.get(run.id);
    return (inFlight?.attempt === run.attempt && inFlight.owes === run.owes) || this.#marks.holds(run);
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

  async #publish(runs: readonly RunRecord[]): Promise<void> {
    for (const run of runs) this.#owing.set(run.id, run);
    try {
      const published = await publishActions(this.#context, runs);
      this.#marks.add(published.filter(({ id }) => this.#owing.has(id)));
    } finally {
      for (const { id } of runs) this.#owing.delete(id);
    }
  }
}
