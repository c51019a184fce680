/**
 * One following of the changes for all streams of this process: it begins with the first stream, bridges the time in
 * which the store is away, and ends some time after the last stream. Streams keep nothing but their place in the ring.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type ApiContext, type ChangeBatch, type ChangeFeed, SchedulerError } from '@simple-scheduler/engine';
import { backoffMs } from '@simple-scheduler/runtime';
import { framesOf } from './frames.ts';
import type { EventLimits } from './limits.ts';
import { Ring } from './ring.ts';

export interface HubDeps {
  readonly context: ApiContext;
  readonly changes: ChangeFeed;
  readonly limits: EventLimits;
}

interface Following {
  readonly abort: AbortController;
  /** Resolves when the ring has a place; rejects with why it gets none. */
  readonly started: Promise<void>;
  readonly ended: Promise<void>;
}

const BACKOFF = { firstMs: 100, capMs: 5_000 };

export class EventHub {
  readonly ring: Ring;
  /** Aborted when the API stops. */
  readonly stopping: AbortSignal;
  readonly #deps: HubDeps;
  readonly #stop = new AbortController();
  #following: Following | undefined;
  #failure: Error | undefined;
  #listeners = 0;
  #linger: NodeJS.Timeout | undefined;
  readonly #wakers = new Set<() => void>();

  constructor(deps: HubDeps) {
    this.#deps = deps;
    this.ring = new Ring({ frames: deps.limits.ringFrames, chars: deps.limits.ringChars });
    this.stopping = this.#stop.signal;
  }

  /** Resolves with what ends the listening when the ring has a place to begin at. Rejects with why it has none. */
  async listen(): Promise<() => void> {
    if (this.stopping.aborted) throw stops();
    clearTimeout(this.#linger);
    this.#listeners += 1;
    try {
      this.#following ??= this.#follow();
      await this.#following.started;
      if (this.#failure !== undefined) throw this.#failure;
    } catch (error) {
      this.#leave();
      throw error;
    }
    let left = false;
    return () => {
      if (!left) this.#leave();
      left = true;
    };
  }

  /** Resolves when the ring has moved, after so long, or by the signal. */
  moved(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      this.#wakers.add(wake);
      if (signal.aborted) wake();
      else signal.addEventListener('abort', wake, { once: true });
    });
  }

  /** Ends all streams. Safe twice. */
  async stop(): Promise<void> {
    clearTimeout(this.#linger);
    this.#stop.abort(stops());
    this.#following?.abort.abort();
    await this.#following?.ended;
  }

  #leave(): void {
    this.#listeners -= 1;
    if (this.#listeners > 0 || this.stopping.aborted) return;
    this.#linger = setTimeout(() => {
      this.#following?.abort.abort();
      this.#following = undefined;
    }, this.#deps.limits.lingerMs);
    this.#linger.unref();
  }

  #follow(): Following {
    const abort = new AbortController();
    const { promise: started, resolve, reject } = Promise.withResolvers<void>();
    // Before it has begun, why it cannot is for those who ask; later it goes on by itself.
    const ended = this.#keepOn(abort.signal, resolve).then(
      () => reject(stops()),
      (error: unknown) => {
        if (this.#following?.abort === abort) this.#following = undefined;
        reject(error);
      },
    );
    started.catch(() => {});
    return { abort, started, ended };
  }

  /** Ends by the signal, or rejects when it cannot begin. */
  async #keepOn(signal: AbortSignal, began: () => void): Promise<void> {
    let begun = false;
    for (let failures = 0; !signal.aborted; ) {
      try {
        // From the ring's own head: of a batch that failed half-way, its first events are in it already.
        for await (const batch of this.#deps.changes.follow(begun ? this.ring.head : undefined, signal)) {
          if (!begun || batch.lost) this.#restart(batch.cursor, batch.lost === true);
          else if (!(await this.#take(batch, signal))) return;
          begun = true;
          failures = 0;
          this.#failure = undefined;
          began();
          if (batch.changes.length > 0) await pause(this.#deps.limits.gatherMs, signal);
        }
      } catch (error) {
        if (!begun) throw error;
        // Another one's failure is none of the following that came after it.
        if (signal.aborted) return;
        failures += 1;
        if (this.#failure === undefined)
          this.#deps.context.log.warn({ error }, 'changes cannot be followed; event streams wait for them');
        this.#failure = error as Error;
        await pause(backoffMs(failures, { ...BACKOFF, chance: Math.random() }), signal);
      }
    }
  }

  /** Streams that are at an earlier place find out by themselves, and that this is no place to go on from. */
  #restart(at: string, lost: boolean): void {
    if (lost) this.#deps.context.log.warn({}, 'changes were missed; event streams have to begin anew');
    this.ring.restart(at);
    this.#wake();
  }

  /** False where the signal came meanwhile: then the ring is another one's. */
  async #take({ changes, cursor }: ChangeBatch, signal: AbortSignal): Promise<boolean> {
    for await (const frames of framesOf(this.#deps.context, changes)) {
      if (signal.aborted) return false;
      this.ring.add(frames, frames.at(-1)?.cursor ?? this.ring.head);
      this.#wake();
    }
    if (signal.aborted) return false;
    this.ring.add([], cursor);
    return true;
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}

const stops = (): SchedulerError => new SchedulerError('the API stops', { code: 'unavailable', retryable: true });

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}
