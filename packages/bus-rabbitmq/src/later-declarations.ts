import type { Topology } from '@simple-scheduler/contracts';
import { Pause } from './pause.ts';

/** Whoever found many topologies has just as many actions to publish: these go first. */
const BEGIN_AFTER_MS = 2_000;
/** From the beginning of one declaration to that of the next: some hundredths of a core for the broker. */
const DISTANCE_MS = 10;

/**
 * Topologies that were found on the broker, and so are declared anew not before they are used but later, one after the
 * other: what somebody has deleted of them by hand comes back.
 */
export class LaterDeclarations {
  readonly #declare: (topology: Topology) => Promise<void>;
  readonly #waiting = new Map<string, Topology>();
  readonly #pause = new Pause();
  #current: { readonly key: string; readonly declaring: Promise<void> } | undefined;
  #isRunning = false;

  /** `declare` never rejects. */
  constructor(declare: (topology: Topology) => Promise<void>) {
    this.#declare = declare;
  }

  add(topology: Topology): void {
    this.#waiting.set(topology.key, topology);
    if (!this.#isRunning) void this.#run();
  }

  /** It is declared, or to be removed. Resolves once it is not being declared here. */
  async drop(key: string): Promise<void> {
    this.#waiting.delete(key);
    if (this.#current?.key === key) await this.#current.declaring;
  }

  clear(): void {
    this.#waiting.clear();
    this.#pause.end();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    await this.#pause.wait(BEGIN_AFTER_MS);
    for (const [key, topology] of this.#waiting) {
      this.#waiting.delete(key);
      const beganAt = performance.now();
      this.#current = { key, declaring: this.#declare(topology) };
      await this.#current.declaring;
      this.#current = undefined;
      await this.#pause.wait(Math.max(0, beganAt + DISTANCE_MS - performance.now()));
    }
    this.#isRunning = false;
  }
}
