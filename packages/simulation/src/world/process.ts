import type { World } from './world.ts';

/**
 * What a dead process awaits: it never comes. A promise for each, so that nothing holds on to who waits for it; one for all
 * would keep every world that ever was.
 */
const never = (): Promise<never> => new Promise(() => {});

/**
 * A process as the world sees it. Killed, everything that it awaits stays unanswered for ever (what it had sent still
 * arrives); paused, answers and timers wait until it is continued, while its clock goes on.
 */
export class Process {
  readonly name: string;
  readonly #world: World;
  #alive = true;
  #pausedUntil = 0;
  /** What its wall clock is ahead of true time, ms. */
  clockOffsetMs = 0;

  constructor(world: World, name: string) {
    this.#world = world;
    this.name = name;
  }

  get alive(): boolean {
    return this.#alive;
  }

  get paused(): boolean {
    return this.#world.now < this.#pausedUntil;
  }

  now(): number {
    return this.#world.now + this.clockOffsetMs;
  }

  kill(): void {
    this.#alive = false;
  }

  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#world.now + ms);
  }

  /** Delivers `value` to this process after `delayMs`, or when it is continued, or never. */
  async reach<T>(delayMs: number, value: T): Promise<T> {
    await this.#world.sleep(delayMs);
    while (this.#alive && this.paused) await this.#world.sleep(this.#pausedUntil - this.#world.now);
    return this.#alive ? value : never();
  }

  /** Runs `fire` after `delayMs` of its time, unless it is dead by then. */
  timer(delayMs: number, fire: () => void): void {
    void this.reach(delayMs, undefined).then(fire);
  }
}
