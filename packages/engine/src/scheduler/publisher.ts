import type { RunRecord } from '@simple-scheduler/core';
import type { Context } from './context.ts';
import { publishOwed } from './publish-owed.ts';

/** Runs whose actions may be on their way to the bus at once; past that, whoever starts runs waits. */
const IN_FLIGHT_MAX = 5_000;

/**
 * Publishes beside the loop that starts runs, so that a slow broker does not make the next ticks late, and in bounded
 * memory. Nothing is lost with it: the run records owe their actions until these are confirmed.
 */
export class Publisher {
  readonly #context: Context;
  readonly #inFlight = new Set<Promise<void>>();
  #runs = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Resolves at once while there is room, else when there is room again. */
  async submit(runs: readonly RunRecord[]): Promise<void> {
    // Without a broker nothing would come of it but a wait; the watchdog publishes what is owed once it is back.
    if (runs.length === 0 || this.#context.bus.state() !== 'connected') return;
    this.#runs += runs.length;
    const task: Promise<void> = publishOwed(this.#context, runs)
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

  /** Resolves when everything submitted so far is settled. */
  async drain(): Promise<void> {
    await Promise.all(this.#inFlight);
  }
}
