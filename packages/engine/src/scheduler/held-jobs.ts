import { Heap } from 'heap-js';
import type { HeldJob } from '@simple-scheduler/core';

interface Entry {
  readonly name: string;
  readonly leaseToken: number;
  nextRunAt: number;
  /** False once the entry is replaced or taken out: the heap drops it when it comes up. */
  queued: boolean;
}

/**
 * The jobs that this scheduler holds, by name and by next tick: what one timer needs. It is a memory of the store's
 * truth, never more: every tick is decided on the job as loaded when it is due.
 */
export class HeldJobs {
  readonly #byName = new Map<string, Entry>();
  #heap = new Heap<Entry>((a, b) => a.nextRunAt - b.nextRunAt);
  /** Entries in the heap that no longer count. */
  #stale = 0;

  get size(): number {
    return this.#byName.size;
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  get(name: string): HeldJob | undefined {
    return this.#byName.get(name);
  }

  put(job: HeldJob): void {
    this.remove(job.name);
    const entry: Entry = { name: job.name, leaseToken: job.leaseToken, nextRunAt: job.nextRunAt, queued: true };
    this.#byName.set(job.name, entry);
    this.#heap.push(entry);
  }

  remove(name: string): void {
    const entry = this.#byName.get(name);
    if (!entry) return;
    this.#byName.delete(name);
    if (entry.queued) {
      entry.queued = false;
      this.#stale += 1;
      this.#compact();
    }
  }

  clear(): void {
    this.#byName.clear();
    this.#heap.clear();
    this.#stale = 0;
  }

  /** The earliest next tick, or null when nothing is queued. */
  nextAt(): number | null {
    this.#dropStale();
    return this.#heap.peek()?.nextRunAt ?? null;
  }

  /** Takes jobs due at `now` out of the queue, soonest first; `put` or `remove` each of them afterwards. */
  takeDue(now: number, limit: number): HeldJob[] {
    const due: HeldJob[] = [];
    while (due.length < limit) {
      this.#dropStale();
      const head = this.#heap.peek();
      if (!head || head.nextRunAt > now) break;
      this.#heap.pop();
      head.queued = false;
      due.push(head);
    }
    return due;
  }

  /** The `count` jobs with the latest next ticks: those that can change hands without being late. */
  latest(count: number): HeldJob[] {
    const latestFirst = new Heap<Entry>((a, b) => b.nextRunAt - a.nextRunAt);
    latestFirst.init([...this.#byName.values()]);
    return latestFirst.top(count);
  }

  names(): IterableIterator<string> {
    return this.#byName.keys();
  }

  #dropStale(): void {
    for (let head = this.#heap.peek(); head && !head.queued; head = this.#heap.peek()) {
      this.#heap.pop();
      this.#stale -= 1;
    }
  }

  /** Rebuilds the heap when most of it is stale, so that memory follows the jobs held and not the changes made. */
  #compact(): void {
    if (this.#stale < 1_000 || this.#stale < this.#byName.size) return;
    this.#heap = new Heap<Entry>((a, b) => a.nextRunAt - b.nextRunAt);
    this.#heap.init([...this.#byName.values()].filter((entry) => entry.queued));
    this.#stale = 0;
  }
}
