import type { Topology } from '@simple-scheduler/contracts';
import type { ActionConsumption } from '../transport.ts';
import type { Arrival } from './run-desk.ts';

interface Waiting {
  readonly arrival: Arrival;
  readonly at: number;
}

/** One queue that this worker takes runs from, and what has come from it and waits to be started. */
export class Lane {
  readonly topology: Topology;
  #waiting: Waiting[] = [];
  #consumption: ActionConsumption | undefined;
  #pausedAt: number | undefined;
  #isStopped = false;

  constructor(topology: Topology) {
    this.topology = topology;
  }

  get isPaused(): boolean {
    return this.#pausedAt !== undefined;
  }

  /** For the order in which lanes are resumed. */
  get pausedAt(): number {
    return this.#pausedAt ?? 0;
  }

  /** When the oldest of those that wait came. */
  get waitsSince(): number | undefined {
    return this.#waiting[0]?.at;
  }

  /** Messages may have come before their consumption is known, and what was asked of it meanwhile holds. */
  async attach(consumption: ActionConsumption): Promise<void> {
    this.#consumption = consumption;
    if (this.#isStopped) await consumption.stop();
    else if (this.isPaused) consumption.pause();
  }

  push(arrival: Arrival): void {
    this.#waiting.push({ arrival, at: performance.now() });
  }

  shift(): Arrival | undefined {
    return this.#waiting.shift()?.arrival;
  }

  /** Drops those for which `isSettled`. */
  drop(isSettled: (arrival: Arrival) => boolean): void {
    this.#waiting = this.#waiting.filter(({ arrival }) => !isSettled(arrival));
  }

  pause(): void {
    if (this.isPaused) return;
    this.#pausedAt = performance.now();
    this.#consumption?.pause();
  }

  resume(): void {
    if (!this.isPaused) return;
    this.#pausedAt = undefined;
    this.#consumption?.resume();
  }

  /** To other workers, or to this one when it has room again. */
  giveBack(): void {
    for (const { arrival } of this.#waiting.splice(0)) arrival.delivery.giveBack();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#consumption?.stop();
  }
}
