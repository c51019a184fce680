import { mayAct } from '@simple-scheduler/core';
import type { Context } from './context.ts';
import { HeldJobs } from './held-jobs.ts';
import {
  giveBackAll,
  giveBackExcess,
  type Holder,
  refreshHeld,
  reloadChanged,
  reloadHeld,
  takeJobs,
} from './hold-jobs.ts';
import type { SchedulerSettings, Turn } from './scheduler-engine.ts';

const CHANGES_BATCH = 1_000;

/**
 * A scheduler's hold on its jobs. Its registration is renewed as a whole, one write however many jobs it holds; one
 * that could not renew for most of the timeout fences itself, and reads what it still holds before it goes on. That is
 * for order, not for safety: what a job's ticks become is decided under its lease token, whatever is believed here.
 */
export class Lease {
  readonly managerId: string;
  readonly held: HeldJobs = new HeldJobs();
  readonly #context: Context;
  readonly #settings: SchedulerSettings;
  readonly #onWake: (turn: Turn) => void;
  readonly #holder: Holder;
  readonly #startedAt: number;
  readonly #changed = new Set<string>();
  /** What we hold is changed by one turn at a time, so that a reading of it all is not overtaken by a taking. */
  #last: Promise<unknown> = Promise.resolve();
  #renewedAt = Number.NEGATIVE_INFINITY;
  #refreshedAt: number;
  /** Times that the lease may have been lost: what we hold must be read again before anything is started. */
  #doubts = 0;
  /** Those of them after which it was. */
  #settledDoubts = 0;
  /** Set when no more jobs are to be taken. */
  #sated = false;
  #over = false;

  constructor(context: Context, settings: SchedulerSettings, onWake: (turn: Turn) => void) {
    this.#context = context;
    this.#settings = settings;
    this.#onWake = onWake;
    this.managerId = context.ids.uid();
    const { managerId, held } = this;
    this.#holder = { managerId, held, mayTake: () => this.#mayHold() && !this.#sated, unsure: false, ...settings };
    this.#startedAt = context.clock.now();
    this.#refreshedAt = this.#startedAt;
  }

  /** Whether runs may be started. */
  trusted(): boolean {
    return this.#inTime() && !this.#isDoubtful();
  }

  async renew(): Promise<void> {
    const at = this.#context.clock.now();
    if (!this.#inTime() && this.#registered()) this.#doubts += 1;
    await this.#context.store.renewManager({
      id: this.managerId,
      startedAt: this.#startedAt,
      maxJobs: this.#settings.maxJobs,
    });
    // Counted from before the call: a slow answer must not stretch the lease.
    this.#renewedAt = at;
    if (this.#isDoubtful()) this.#onWake('take');
  }

  /** Jobs that someone said have changed; the next `take` looks at them. */
  noteChanged(names: readonly string[]): void {
    for (const name of names) this.#changed.add(name);
  }

  take(): Promise<void> {
    return this.#oneByOne(async () => {
      await this.#readAgain();
      await this.#lookAtChanges();
      if ((await takeJobs(this.#context, this.#holder)) > 0) this.#onWake('start_due');
    });
  }

  refresh(): Promise<void> {
    return this.#oneByOne(async () => {
      await this.#readAgain();
      const at = this.#context.clock.now();
      await refreshHeld(this.#context, this.#holder, this.#refreshedAt);
      this.#refreshedAt = at;
      await giveBackExcess(this.#context, this.#holder);
      this.#context.meter.gauge('jobs_held', this.held.size);
      this.#onWake('start_due');
    });
  }

  /** A taking that is under way ends with the batch it is at. */
  stopTaking(): void {
    this.#sated = true;
  }

  /** Forgets this scheduler and frees its jobs. */
  async giveUp(): Promise<void> {
    this.#over = true;
    // A taking that is under way must not come after the giving back.
    await this.#last;
    if (this.#registered()) {
      // First: what the others take is their fair share, and that counts who is registered.
      await this.#context.store.removeManager(this.managerId);
      await giveBackAll(this.#context, this.#holder, this.#settings.giveBackWithinMs);
    }
    this.held.clear();
  }

  #registered(): boolean {
    return this.#renewedAt !== Number.NEGATIVE_INFINITY;
  }

  #isDoubtful(): boolean {
    return this.#doubts > this.#settledDoubts;
  }

  #inTime(): boolean {
    const { heartbeatTimeoutMs } = this.#settings;
    return mayAct({ renewedAt: this.#renewedAt, heartbeatTimeoutMs }, this.#context.clock.now());
  }

  #mayHold(): boolean {
    return this.#inTime() && !this.#over;
  }

  #oneByOne(turn: () => Promise<void>): Promise<void> {
    const mine = this.#last.then(() => (this.#mayHold() ? turn() : undefined));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** After a silence, or a taking whose answer was lost. */
  async #readAgain(): Promise<void> {
    if (!this.#isDoubtful() && !this.#holder.unsure) return;
    const { log } = this.#context;
    if (this.#isDoubtful())
      log.warn({ managerId: this.managerId }, 'the lease was not renewed in time; reading the held jobs again');
    const doubts = this.#doubts;
    await reloadHeld(this.#context, this.#holder);
    // Not of what came up meanwhile: some of it was read before.
    this.#settledDoubts = doubts;
    this.#onWake('start_due');
  }

  async #lookAtChanges(): Promise<void> {
    if (this.#changed.size === 0) return;
    const names = [...this.#changed].slice(0, CHANGES_BATCH);
    for (const name of names) this.#changed.delete(name);
    try {
      await reloadChanged(this.#context, this.#holder, names);
    } catch (error) {
      this.noteChanged(names);
      throw error;
    }
    this.#onWake('start_due');
    if (this.#changed.size > 0) this.#onWake('take');
  }
}
