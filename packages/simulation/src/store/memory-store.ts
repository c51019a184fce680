/**
 * A Store in memory, for the simulation: the real contract (it runs the shared suite), no IO, no order of its own.
 * Records go in and out as copies, so that nobody changes what is stored by holding on to it.
 */
import type { HeldJob, JobRecord, ManagerRecord, RunRecord } from '@simple-scheduler/core';
import type { JobAdvance, JobEdit, JobPage, JobQuery, Store } from '@simple-scheduler/engine';
import { MemoryRuns } from './memory-runs.ts';

interface Deletion {
  readonly uid: string;
  readonly job: JobRecord;
  readonly deletedAt: number;
}

/** Everything that a database holds; several stores may be opened on one. */
export class MemoryDatabase {
  readonly jobs: Map<string, JobRecord>;
  readonly managers: Map<string, ManagerRecord> = new Map();
  readonly deletions: Map<string, Deletion> = new Map();
  readonly runs: MemoryRuns;
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

const isTakeable = (job: JobRecord): boolean => job.enabled && job.nextRunAt !== undefined;

export function openMemoryStore(db: MemoryDatabase): Store {
  const { jobs, managers, deletions, runs } = db;
  const put = (job: JobRecord): void => void jobs.set(job.name, structuredClone(job));
  const free = (job: JobRecord): void => {
    const { managerId: _, ...rest } = job;
    put(rest);
  };
  const byName = (): JobRecord[] => [...jobs.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const held = (job: JobRecord): HeldJob => ({
    name: job.name,
    nextRunAt: job.nextRunAt as number,
    leaseToken: job.leaseToken,
  });

  return {
    migrate: async () => {},
    ping: async () => {},
    close: async () => {},

    renewManager: async ({ id, startedAt, maxJobs }) => {
      const heartbeatAt = db.now();
      managers.set(id, { id, startedAt, maxJobs, heartbeatAt });
      return { heartbeatAt };
    },
    removeManager: async (id) => void managers.delete(id),
    listManagers: async () => ({ managers: [...managers.values()], now: db.now() }),
    removeSilentManagers: async (timeoutMs) => {
      const silent = [...managers.values()].filter((m) => db.now() - m.heartbeatAt > timeoutMs).map((m) => m.id);
      for (const id of silent) managers.delete(id);
      return silent;
    },

    insertJob: async (job) => {
      if (jobs.has(job.name)) return 'name_taken';
      put(job);
      return 'inserted';
    },
    getJob: async (name) => structuredClone(jobs.get(name)) ?? null,
    getJobs: async (names) =>
      [...new Set(names)].flatMap((name) => (jobs.has(name) ? [structuredClone(jobs.get(name) as JobRecord)] : [])),
    listJobs: async (query) => listJobs(byName(), query),
    editJob: async (edit) => editJob(jobs, edit),
    deleteJob: async ({ name, uid, revision }) => {
      const job = jobs.get(name);
      if (job === undefined) return 'not_found';
      if (job.uid !== uid || job.revision !== revision) return 'conflict';
      jobs.delete(name);
      deletions.set(uid, { uid, job, deletedAt: db.now() });
      return 'deleted';
    },
    listDeletions: async (limit) =>
      structuredClone([...deletions.values()].sort((a, b) => a.deletedAt - b.deletedAt).slice(0, limit)),
    forgetDeletion: async (uid) => void deletions.delete(uid),

    takeFreeJobs: async (managerId, limit) => {
      const candidates = byName()
        .filter((job) => isTakeable(job) && job.managerId === undefined)
        .sort((a, b) => (a.nextRunAt as number) - (b.nextRunAt as number))
        .slice(0, limit);
      return candidates.map((job) => {
        const taken = { ...job, managerId, leaseToken: job.leaseToken + 1 };
        put(taken);
        return held(taken);
      });
    },
    heldJobs: async (managerId, { after, limit, changedSince }) =>
      byName()
        .filter((job) => job.managerId === managerId && isTakeable(job))
        .filter(
          (job) =>
            (after === undefined || job.name > after) && (changedSince === undefined || job.updatedAt >= changedSince),
        )
        .slice(0, limit)
        .map(held),
    releaseJobs: async (managerId, list) => {
      let count = 0;
      for (const { name, leaseToken } of list) {
        const job = jobs.get(name);
        if (job?.managerId !== managerId || job.leaseToken !== leaseToken) continue;
        free(job);
        count += 1;
      }
      return count;
    },
    releaseJobsOf: async (managerIds) => releaseWhere((id) => managerIds.includes(id)),
    releaseOrphans: async () => releaseWhere((id) => !managers.has(id)),
    countTakeable: async () => {
      const takeable = [...jobs.values()].filter(isTakeable);
      return { total: takeable.length, free: takeable.filter((job) => job.managerId === undefined).length };
    },
    advanceJobs: async (advances) => advances.map((advance) => advanceJob(advance)),

    insertRuns: async (list) => list.map((run) => runs.insert(run)),
    getRun: async (id) => runs.get(id) ?? null,
    getRunByTickKey: async (key) => runs.byTickKey(key) ?? null,
    latestTicks: async (ranges) => runs.latestTicks(ranges),
    getRuns: async (ids) => [...new Set(ids)].flatMap((id) => runs.get(id) ?? []),
    listRuns: async (query) => runs.list(query),
    updateRuns: async (updates) => updates.map((update) => runs.update(update)),
    recordHeartbeats: async (beats) => beats.forEach((beat) => runs.beat(beat)),
    markPublished: async (published) => published.forEach((item) => runs.markPublished(item)),
    dueRuns: async (now, limit) => runs.due(now, limit),
    nextWatchAt: async () => runs.nextWatchAt(),
    occupancy: async (jobUids) => runs.occupancy(jobUids),
    oldestWaiting: async (jobUids) => runs.oldestWaiting(jobUids),
    liveRuns: async (jobUid, limit) => runs.live(jobUid, limit),
  };

  function releaseWhere(matches: (managerId: string) => boolean): number {
    const found = [...jobs.values()].filter((job) => job.managerId !== undefined && matches(job.managerId));
    found.forEach(free);
    return found.length;
  }

  function advanceJob(advance: JobAdvance): 'advanced' | 'fenced' {
    const job = jobs.get(advance.name);
    const holds =
      job !== undefined &&
      job.uid === advance.uid &&
      job.epoch === advance.epoch &&
      job.managerId === advance.managerId &&
      job.leaseToken === advance.leaseToken &&
      job.nextRunAt === advance.from;
    if (!holds) return 'fenced';
    db.observer.onAdvance?.(advance, job);
    const done = advance.completedAt === undefined ? {} : { completedAt: advance.completedAt };
    if (advance.to !== null) put({ ...job, ...done, nextRunAt: advance.to });
    else {
      const { nextRunAt: _, managerId: __, ...rest } = job;
      put({ ...rest, ...done });
    }
    return 'advanced';
  }
}

function listJobs(sorted: readonly JobRecord[], query: JobQuery): JobPage {
  const matching = sorted.filter(
    (job) =>
      (query.after === undefined || job.name > query.after) &&
      (query.name === undefined || job.name === query.name) &&
      (query.namePrefix === undefined || job.name.startsWith(query.namePrefix)) &&
      (query.enabled === undefined || job.enabled === query.enabled) &&
      Object.entries(query.meta ?? {}).every(
        ([key, value]) => job.meta !== undefined && Object.hasOwn(job.meta, key) && job.meta[key] === value,
      ),
  );
  const page = matching.slice(0, query.limit);
  const last = page.at(-1);
  return { jobs: structuredClone(page), ...(matching.length > page.length && last ? { next: last.name } : {}) };
}

function editJob(jobs: Map<string, JobRecord>, edit: JobEdit): Awaited<ReturnType<Store['editJob']>> {
  const job = jobs.get(edit.name);
  if (job === undefined) return { outcome: 'not_found' };
  const { uid, revision, nextRunAt } = edit.guard;
  if (job.uid !== uid || job.revision !== revision || job.nextRunAt !== nextRunAt) return { outcome: 'conflict' };
  const after: Record<string, unknown> = { ...job, ...structuredClone(edit.set), revision: job.revision + 1 };
  for (const field of edit.unset) delete after[field];
  if (edit.free) delete after['managerId'];
  const record = after as unknown as JobRecord;
  jobs.set(edit.name, record);
  return { outcome: 'updated', job: structuredClone(record) };
}
