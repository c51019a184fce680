import { Heap } from 'heap-js';
import type { HeldJob } from '@simple-scheduler/core';
import { grown, nextCapacity, SlotHeap } from './slot-heap.ts';

/** A job that was taken out of the queue, as it was then. */
export interface TakenJob extends HeldJob {
  /** Which taking it was: a job may be given back, held again and taken by a later turn while an earlier one has it still. */
  readonly taking: number;
}

/**
 * The jobs that this scheduler holds, by name and by next tick: what one timer needs. It is a memory of the store's
 * truth, never more: every tick is decided on the job as loaded when it is due.
 *
 * A scheduler may hold a million of them, so a job is a slot in arrays of numbers and no object: about a hundred bytes,
 * its name included. Slots stay dense: the last one takes the place of one that goes.
 */
export class HeldJobs {
  readonly #slots = new Map<string, number>();
  /** By slot, like the three below. */
  readonly #names: string[] = [];
  #tokens = new Float64Array(0);
  #takings = new Float64Array(0);
  #lastTaking = 0;
  /** The queue. A job that `takeDue` has handed out is not in it. */
  readonly #queue = new SlotHeap();

  get size(): number {
    return this.#names.length;
  }

  get(name: string): HeldJob | undefined {
    const slot = this.#slots.get(name);
    return slot === undefined ? undefined : this.#job(slot);
  }

  /** Whether it is still this taking that has the job: nothing was said of the job since. */
  isTaken({ name, taking }: Pick<TakenJob, 'name' | 'taking'>): boolean {
    const slot = this.#slots.get(name);
    return slot !== undefined && !this.#queue.has(slot) && this.#takings[slot] === taking;
  }

  put({ name, nextRunAt, leaseToken }: HeldJob): void {
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = this.#names.length;
      this.#names.push(name);
      this.#slots.set(name, slot);
      if (slot >= this.#tokens.length) {
        this.#tokens = grown(this.#tokens, nextCapacity(slot + 1));
        this.#takings = grown(this.#takings, this.#tokens.length);
      }
    }
    this.#tokens[slot] = leaseToken;
    this.#queue.set(slot, nextRunAt);
  }

  /**
   * Puts a job that was taken back as `job`, null: removes it. Where a change that arrived meanwhile has put or removed it
   * already, its word is newer, and nothing happens.
   */
  putBack(taken: TakenJob, job: HeldJob | null): void {
    if (!this.isTaken(taken)) return;
    if (job === null) this.remove(taken.name);
    else this.put(job);
  }

  remove(name: string): void {
    const slot = this.#slots.get(name);
    if (slot === undefined) return;
    this.#slots.delete(name);
    this.#queue.delete(slot);
    const lastName = this.#names.pop() as string;
    const last = this.#names.length;
    if (slot === last) return;
    this.#names[slot] = lastName;
    this.#slots.set(lastName, slot);
    this.#tokens[slot] = this.#tokens[last] as number;
    this.#takings[slot] = this.#takings[last] as number;
    this.#queue.rename(last, slot);
  }

  clear(): void {
    for (const name of [...this.#names]) this.remove(name);
  }

  /** The earliest next tick, or null when nothing is queued. */
  nextAt(): number | null {
    const head = this.#queue.peek();
    return head === undefined ? null : this.#queue.at(head);
  }

  /** Takes jobs due at `now` out of the queue, soonest first; `putBack` each of them afterwards. */
  takeDue(now: number, limit: number): TakenJob[] {
    const due: TakenJob[] = [];
    while (due.length < limit) {
      const head = this.#queue.peek();
      if (head === undefined || this.#queue.at(head) > now) break;
      this.#queue.delete(head);
      this.#lastTaking += 1;
      this.#takings[head] = this.#lastTaking;
      due.push({ ...this.#job(head), taking: this.#lastTaking });
    }
    return due;
  }

  /** The `count` jobs with the latest next ticks: those that can change hands without being late. */
  latest(count: number): HeldJob[] {
    const latestFirst = new Heap<number>((a, b) => this.#queue.at(b) - this.#queue.at(a));
    latestFirst.init(Array.from(this.#names, (_, slot) => slot));
    return latestFirst.top(count).map((slot) => this.#job(slot));
  }

  names(): IterableIterator<string> {
    return this.#slots.keys();
  }

  #job(slot: number): HeldJob {
    return {
      name: this.#names[slot] as string,
      nextRunAt: this.#queue.at(slot),
      leaseToken: this.#tokens[slot] as number,
    };
  }
}
