/**
 * A Store in memory, for the simulation: the real contract (it runs the shared suite), no IO, no order of its own.
 * Records go in and out as copies, so that nobody changes what is stored by holding on to it.
 */
import type { ManagerStore, RunStore, Store } from '@simple-scheduler/engine';
import type { MemoryDatabase } from './memory-database.ts';
import { historyStore } from './memory-history.ts';
import { jobStore } from './memory-jobs.ts';
import { leaseStore } from './memory-leases.ts';
import { requestStore } from './memory-requests.ts';

export function openMemoryStore(db: MemoryDatabase): Store {
  return {
    migrate: async () => {},
    ping: async () => {},
    close: async () => {},
    ...managerStore(db),
    ...jobStore(db),
    ...leaseStore(db),
    ...runStore(db),
    ...requestStore(db),
  };
}

function managerStore(db: MemoryDatabase): ManagerStore {
  const { managers } = db;
  return {
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
  };
}

function runStore(db: MemoryDatabase): RunStore {
  const { runs } = db;
  return {
    ...historyStore(db),
    insertRuns: async (list) => list.map((run) => runs.insert(run)),
    getRun: async (id) => runs.get(id) ?? null,
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
}
