import type { RunRecord } from '@simple-scheduler/core';
import { STORE_BATCH_MAX } from '../ports/index.ts';
import type { Context } from './context.ts';
import { publishActions, type PublishedAction } from './publish-owed.ts';

/** Runs whose actions may be on their way to the bus at once; past that, whoever starts runs waits. */
const IN_FLIGHT_MAX = 5_000;

/**
 * Publishes beside the loop that starts runs, so that a slow broker does not make the next ticks late, and in bounded
 * memory. Nothing is lost with it: the run records owe their actions until these are confirmed.
 *
 * Marking a run as published costs the store as much as any other write, and its worker is often quicker: what the
 * worker's word was written for (`heard`) needs no mark. Marks are written one batch at a time, so that the more there is
 * to do, the more of them go together and the fewer are needed; where little is to do, each is written at once.
 */
export class Publisher {
  readonly #context: Context;
  readonly #inFlight = new Set<Promise<void>>();
  #runs = 0;
  /** Runs submitted here that the store, as far as we know, still holds as owing their action. */
  readonly #owing = new Set<string>();
  /** Confirmed, and not being marked yet. */
  #confirmed: PublishedAction[] = [];
  /** The marking that will take what is confirmed now; begins when the one before it has ended. */
  #nextMarking: Promise<void> | undefined;
  #lastMarking: Promise<void> = Promise.resolve();

  constructor(context: Context) {
    this.#context = context;
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

  /** These runs were written, each with what its worker said. */
  heard(runs: Iterable<RunRecord>): void {
    for (const { id, owes } of runs) if (owes === undefined) this.#owing.delete(id);
  }

  /** Resolves when everything submitted so far is settled. */
  async drain(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  async #publish(runs: readonly RunRecord[]): Promise<void> {
    for (const { id } of runs) this.#owing.add(id);
    try {
      await this.#mark(await publishActions(this.#context, runs));
    } finally {
      for (const { id } of runs) this.#owing.delete(id);
    }
  }

  #mark(published: readonly PublishedAction[]): Promise<void> {
    this.#confirmed.push(...published);
    if (this.#nextMarking === undefined) {
      this.#nextMarking = this.#lastMarking.then(() => this.#markConfirmed());
      this.#lastMarking = this.#nextMarking.catch(() => undefined);
    }
    return this.#nextMarking;
  }

  async #markConfirmed(): Promise<void> {
    this.#nextMarking = undefined;
    const owing = this.#confirmed.filter(({ id }) => this.#owing.has(id));
    this.#confirmed = [];
    for (let from = 0; from < owing.length; from += STORE_BATCH_MAX)
      await this.#context.store.markPublished(owing.slice(from, from + STORE_BATCH_MAX));
  }
}
