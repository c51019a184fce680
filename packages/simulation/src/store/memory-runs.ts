import { isLive } from '@simple-scheduler/contracts/vocabulary';
import { type RunRecord, tickKey } from '@simple-scheduler/core';
import type {
  InsertRunOutcome,
  Occupancy,
  RunQuery,
  Store,
  TickRange,
  UpdateRunOutcome,
} from '@simple-scheduler/engine';
import { copyOf } from './copy-of.ts';

type Update = Parameters<Store['updateRuns']>[0][number];
type Beat = Parameters<Store['recordHeartbeats']>[0][number];
type Published = Parameters<Store['markPublished']>[0][number];

/** Runs with their unique keys. */
export class MemoryRuns {
  readonly #byId = new Map<string, RunRecord>();
  readonly #byJob = new Map<string, Map<string, RunRecord>>();
  readonly #byTick = new Map<string, string>();
  readonly #bySlot = new Map<string, string>();
  /** Live runs by id, so that sweeps do not walk the history. */
  readonly #live = new Map<string, RunRecord>();
  /** Tick keys by `uid:epoch`, ascending is not promised. */
  readonly #ticks = new Map<string, string[]>();
  readonly #onRun: ((before: RunRecord | undefined, after: RunRecord) => void) | undefined;

  constructor(onRun?: (before: RunRecord | undefined, after: RunRecord) => void) {
    this.#onRun = onRun;
  }

  /** The runs of one job, in no order. */
  ofJob(uid: string): RunRecord[] {
    return [...(this.#byJob.get(uid)?.values() ?? [])];
  }

  /** The jobs that have runs, in no order. */
  jobs(): { jobUid: string; jobName: string }[] {
    return [...this.#byJob].flatMap(([jobUid, runs]) => {
      const [run] = runs.values();
      return run === undefined ? [] : [{ jobUid, jobName: run.jobName }];
    });
  }

  all(): IterableIterator<RunRecord> {
    return this.#byId.values();
  }

  insert(run: RunRecord): InsertRunOutcome {
    if (this.#byId.has(run.id) || (run.tickKey !== undefined && this.#byTick.has(run.tickKey))) return 'exists';
    if (run.slot !== undefined && this.#bySlot.has(run.slot)) return 'slot_taken';
    if (run.tickKey !== undefined) {
      this.#byTick.set(run.tickKey, run.id);
      const group = run.tickKey.slice(0, run.tickKey.lastIndexOf(':'));
      const keys = this.#ticks.get(group);
      if (keys) keys.push(run.tickKey);
      else this.#ticks.set(group, [run.tickKey]);
    }
    this.#put(copyOf(run));
    return 'created';
  }

  get(id: string): RunRecord | undefined {
    return copyOf(this.#byId.get(id));
  }

  byTickKey(key: string): RunRecord | undefined {
    const id = this.#byTick.get(key);
    return id === undefined ? undefined : this.get(id);
  }

  latestTicks(ranges: readonly TickRange[]): Map<string, RunRecord> {
    const found = new Map<string, RunRecord>();
    for (const { jobUid, epoch, from, before } of ranges) {
      const least = tickKey({ uid: jobUid, epoch }, from);
      const end = before === undefined ? undefined : tickKey({ uid: jobUid, epoch }, before);
      let greatest: string | undefined;
      for (const key of this.#ticks.get(`${jobUid}:${epoch}`) ?? []) {
        if (key < least || (end !== undefined && key >= end)) continue;
        if (greatest === undefined || key > greatest) greatest = key;
      }
      const run = greatest === undefined ? undefined : this.byTickKey(greatest);
      if (run) found.set(jobUid, run);
    }
    return found;
  }

  list(query: RunQuery): { runs: RunRecord[]; next?: string } {
    const before = (at: number | undefined, limit: number | undefined): boolean =>
      limit === undefined || (at !== undefined && at < limit);
    const matching = [...this.#byId.values()]
      .filter(
        (run) =>
          (query.after === undefined || run.id < query.after) &&
          (query.jobName === undefined || run.jobName === query.jobName) &&
          (query.statuses === undefined || query.statuses.includes(run.status)) &&
          run.createdAt >= (query.createdAfter ?? 0) &&
          before(run.createdAt, query.createdBefore) &&
          before(run.startedAt, query.startedBefore) &&
          before(run.heartbeatAt, query.heartbeatBefore),
      )
      .sort((a, b) => (a.id < b.id ? 1 : -1));
    const page = matching.slice(0, query.limit);
    const last = page.at(-1);
    return { runs: copyOf(page), ...(matching.length > page.length && last ? { next: last.id } : {}) };
  }

  update({ id, rev, change }: Update): UpdateRunOutcome {
    const run = this.#byId.get(id);
    if (run === undefined || run.rev !== rev) return 'conflict';
    const owner = change.set.slot === undefined ? undefined : this.#bySlot.get(change.set.slot);
    if (owner !== undefined && owner !== id) return 'slot_taken';
    const after: Record<string, unknown> = { ...run, ...copyOf(change.set), rev: rev + 1 };
    for (const field of change.unset) delete after[field];
    this.#put(after as unknown as RunRecord);
    return 'updated';
  }

  beat({ id, attempt, at, progress, message }: Beat): void {
    const run = this.#byId.get(id);
    if (run?.status !== 'running' || run.attempt !== attempt || at < (run.heartbeatAt ?? 0)) return;
    this.#put({
      ...run,
      heartbeatAt: at,
      ...(progress === undefined ? {} : { progress }),
      ...(message === undefined ? {} : { message }),
    });
  }

  markPublished({ id, attempt, action, at, watchAt }: Published): void {
    const run = this.#byId.get(id);
    if (run?.owes !== action || run.attempt !== attempt) return;
    const { owes: _, ...rest } = run;
    if (action === 'cancel' || run.status !== 'pending') return this.#put(rest);
    const { watchAt: __, ...pending } = rest;
    this.#put({ ...pending, publishedAt: at, ...(watchAt === undefined ? {} : { watchAt }) });
  }

  due(now: number, limit: number): RunRecord[] {
    const due = [...this.#live.values()].filter((run) => run.watchAt !== undefined && run.watchAt <= now);
    return copyOf(
      due.sort((a, b) => (a.watchAt as number) - (b.watchAt as number) || (a.id < b.id ? -1 : 1)).slice(0, limit),
    );
  }

  nextWatchAt(): number | null {
    let next: number | null = null;
    for (const { watchAt } of this.#live.values())
      if (watchAt !== undefined && (next === null || watchAt < next)) next = watchAt;
    return next;
  }

  occupancy(jobUids: readonly string[]): Map<string, Occupancy> {
    const found = new Map<string, { active: number; slots: string[] }>();
    const wanted = new Set(jobUids);
    for (const run of this.#live.values()) {
      if (!wanted.has(run.jobUid)) continue;
      const entry = found.get(run.jobUid) ?? { active: 0, slots: [] };
      if (!run.waiting) entry.active += 1;
      if (run.slot !== undefined) entry.slots.push(run.slot);
      found.set(run.jobUid, entry);
    }
    return found;
  }

  oldestWaiting(jobUids: readonly string[]): RunRecord[] {
    const oldest = new Map<string, RunRecord>();
    const wanted = new Set(jobUids);
    for (const run of this.#live.values()) {
      if (!run.waiting || !wanted.has(run.jobUid)) continue;
      const known = oldest.get(run.jobUid);
      if (known === undefined || run.id < known.id) oldest.set(run.jobUid, run);
    }
    return copyOf([...oldest.values()]);
  }

  live(jobUid: string, limit: number): RunRecord[] {
    const runs = [...this.#live.values()].filter((run) => run.jobUid === jobUid);
    return copyOf(runs.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit));
  }

  /** Of an ended run: it holds no slot any more. */
  remove(run: RunRecord): void {
    this.#byId.delete(run.id);
    this.#byJob.get(run.jobUid)?.delete(run.id);
    if (run.tickKey === undefined) return;
    this.#byTick.delete(run.tickKey);
    const group = run.tickKey.slice(0, run.tickKey.lastIndexOf(':'));
    this.#ticks.set(
      group,
      (this.#ticks.get(group) ?? []).filter((key) => key !== run.tickKey),
    );
  }

  #put(run: RunRecord): void {
    const before = this.#byId.get(run.id);
    this.#onRun?.(before, run);
    if (before?.slot !== undefined && before.slot !== run.slot) this.#bySlot.delete(before.slot);
    if (run.slot !== undefined) this.#bySlot.set(run.slot, run.id);
    this.#byId.set(run.id, run);
    const ofJob = this.#byJob.get(run.jobUid);
    if (ofJob) ofJob.set(run.id, run);
    else this.#byJob.set(run.jobUid, new Map([[run.id, run]]));
    if (isLive(run.status)) this.#live.set(run.id, run);
    else this.#live.delete(run.id);
  }
}
