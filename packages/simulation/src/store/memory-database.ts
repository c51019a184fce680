import type { JobRecord, ManagerRecord, RunRecord } from '@simple-scheduler/core';
import type { Deletion, JobAdvance, RequestRecord } from '@simple-scheduler/engine';
import { MemoryRuns } from './memory-runs.ts';

/** Everything that a database holds; several stores may be opened on one. */
export class MemoryDatabase {
  readonly jobs: Map<string, JobRecord>;
  readonly managers: Map<string, ManagerRecord> = new Map();
  readonly deletions: Map<string, Deletion> = new Map();
  readonly runs: MemoryRuns;
  readonly requests: Map<string, RequestRecord> = new Map();
  /** The database's clock, epoch ms. */
  readonly now: () => number;
  readonly observer: Observer;

  constructor(now: () => number, observer: Observer = {}) {
    this.now = now;
    this.observer = observer;
    this.jobs = new ObservedJobs(observer);
    this.runs = new MemoryRuns(observer.onRun);
  }
}

/** Sees every write before it takes effect. */
export interface Observer {
  onJob?: (before: JobRecord | undefined, after: JobRecord | undefined) => void;
  onRun?: (before: RunRecord | undefined, after: RunRecord) => void;
  /** A record that retention takes. */
  onPrune?: (run: RunRecord) => void;
  /** An advance that took effect on `job`. */
  onAdvance?: (advance: JobAdvance, job: JobRecord) => void;
}

class ObservedJobs extends Map<string, JobRecord> {
  readonly #observer: Observer;

  constructor(observer: Observer) {
    super();
    this.#observer = observer;
  }

  override set(name: string, job: JobRecord): this {
    this.#observer.onJob?.(this.get(name), job);
    return super.set(name, job);
  }

  override delete(name: string): boolean {
    this.#observer.onJob?.(this.get(name), undefined);
    return super.delete(name);
  }
}
