/** What is kept of each job's past: its ticks in order, and what retention takes of them. */
import { isLive } from '@simple-scheduler/contracts/vocabulary';
import { isTickOf, type RunRecord, tickKey } from '@simple-scheduler/core';
import type { RunPruning, RunStore, TickQuery } from '@simple-scheduler/engine';
import type { MemoryDatabase } from './memory-database.ts';
import { copyOf } from './copy-of.ts';

export function historyStore(db: MemoryDatabase): Pick<RunStore, 'listTicks' | 'pruneRuns' | 'listJobsOfRuns'> {
  const { runs } = db;
  return {
    listTicks: async (query) => copyOf(listTicks(runs.ofJob(query.jobUid), query)),
    pruneRuns: async (prunings, limit) => {
      let found = 0;
      for (const pruning of prunings) {
        const chosen = prunable(runs.ofJob(pruning.jobUid), pruning).slice(0, Math.max(0, limit - found));
        found += chosen.length;
        note(db, pruning, chosen);
        for (const run of chosen) {
          db.observer.onPrune?.(run);
          runs.remove(run);
        }
      }
      return found;
    },
    listJobsOfRuns: async ({ after, limit }) => {
      return runs
        .jobs()
        .filter(({ jobUid }) => after === undefined || jobUid > after)
        .sort((a, b) => (a.jobUid < b.jobUid ? -1 : 1))
        .slice(0, limit);
    },
  };
}

const inOrder = (a: RunRecord, b: RunRecord): number => a.scheduledAt - b.scheduledAt || (a.id < b.id ? -1 : 1);

function listTicks(ofJob: readonly RunRecord[], { from, to, after, limit }: TickQuery): RunRecord[] {
  const ticks = ofJob.filter((run) => run.trigger === 'schedule' || run.trigger === 'misfire').sort(inOrder);
  const within = ticks.filter((run) => run.scheduledAt >= from && run.scheduledAt <= to);
  if (after !== undefined) {
    const isLater = (run: RunRecord): boolean =>
      run.scheduledAt > after.at || (run.scheduledAt === after.at && run.id > after.id);
    return within.filter(isLater).slice(0, limit);
  }
  const before = ticks.filter((run) => run.scheduledAt < from).at(-1);
  return [...(before?.spanTo !== undefined && before.spanTo >= from ? [before] : []), ...within].slice(0, limit);
}

function prunable(ofJob: readonly RunRecord[], pruning: RunPruning): RunRecord[] {
  const { keep, olderThan, endedBefore, keepLast, unsettled } = pruning;
  const runs = ofJob.toSorted(inOrder);
  const kept = keepLast ? [runs.at(-1), runs.findLast((run) => run.status !== 'skipped')] : [];
  const unsettledKey = (key: string): boolean => {
    if (unsettled === undefined) return false;
    const { epoch, from } = unsettled;
    const job = { uid: pruning.jobUid, epoch };
    return isTickOf(key, job) && key >= tickKey(job, from);
  };
  return runs.filter((run, i) => {
    if (isLive(run.status) || run.endedAt === undefined || run.endedAt >= endedBefore) return false;
    if (kept.includes(run) || (run.tickKey !== undefined && unsettledKey(run.tickKey))) return false;
    return (keep !== undefined && i < runs.length - keep) || (olderThan !== undefined && run.endedAt < olderThan);
  });
}

function note(db: MemoryDatabase, { jobName, jobUid }: RunPruning, chosen: readonly RunRecord[]): void {
  const job = db.jobs.get(jobName);
  if (job?.uid !== jobUid || chosen.length === 0) return;
  const prunedTo = Math.max(job.prunedTo ?? 0, ...chosen.map((run) => run.spanTo ?? run.scheduledAt));
  db.jobs.set(jobName, { ...job, prunedTo });
}
