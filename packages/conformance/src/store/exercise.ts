import type { JobRecord, RunRecord } from '@simple-scheduler/core';
import type { JobQuery, RequestRecord, RunQuery, Store } from '@simple-scheduler/engine';
import { editOf } from './job-edits.ts';
import { fullJobRecord, fullRunRecord, newUid, requestRecord, runRecord, T0 } from './records.ts';

/** Every subset of these filters, the empty one included. */
function subsets<T extends object>(filters: T): Partial<T>[] {
  return Object.entries(filters).reduce<Partial<T>[]>(
    (sets, [key, value]) => [...sets, ...sets.map((set) => ({ ...set, [key]: value }))],
    [{}],
  );
}

/**
 * Calls each method of a store, with every combination of filters, on some thousand records. For drivers that check
 * the plans of their queries.
 */
export async function exerciseStore(store: Store): Promise<void> {
  const manager = newUid();
  await store.ping();
  await store.renewManager({ id: manager, startedAt: T0, maxJobs: 0 });
  await store.renewManager({ id: newUid(), startedAt: T0, maxJobs: 0 });
  await exerciseJobs(store, manager);
  await exerciseRuns(store);
  await exerciseRequests(store);
  await store.listManagers();
  await store.removeSilentManagers(60_000);
  await store.removeManager(manager);
  await store.releaseOrphans(1_000);
}

async function exerciseJobs(store: Store, manager: string): Promise<void> {
  const jobs = Array.from({ length: 300 }, (_, i) =>
    fullJobRecord({ nextRunAt: T0 + i, updatedAt: T0 + i, enabled: i % 4 !== 0 }),
  );
  for (const job of jobs) await store.insertJob(job);
  const [first, last] = [jobs[0] as JobRecord, jobs[299] as JobRecord];
  await store.getJob(first.name);
  await store.getJobs(jobs.slice(0, 50).map((job) => job.name));
  const filters = {
    after: 'a',
    name: first.name,
    namePrefix: 'job',
    enabled: true,
    meta: { team: 'billing', tier: '1' },
  };
  for (const query of subsets<Omit<JobQuery, 'limit'>>(filters)) await store.listJobs({ ...query, limit: 10 });
  await store.editJob(editOf(first, { set: { epoch: 1, payload: 1 }, unset: ['description', 'meta'], free: true }));
  await store.editJob(editOf(first, { set: { epoch: 2 } }));
  await store.countTakeable();
  await store.anyFree();
  const held = await store.takeFreeJobs(manager, 100);
  await store.heldJobs(manager, { limit: 10 });
  await store.heldJobs(manager, { limit: 10, after: 'a' });
  await store.changedJobs(manager, { limit: 10, since: T0 });
  await store.changedJobs(manager, { limit: 10, since: T0, after: 'a' });
  const uids = new Map(jobs.map((job) => [job.name, job.uid]));
  const advance = (
    { name, leaseToken, nextRunAt }: (typeof held)[number],
    to: number | null,
  ): Parameters<Store['advanceJobs']>[0][number] => ({
    name,
    uid: uids.get(name) ?? '',
    epoch: 0,
    managerId: manager,
    leaseToken,
    from: nextRunAt,
    to,
    completedAt: T0,
  });
  await store.advanceJobs(held.map((job, i) => advance(job, i % 2 === 0 ? T0 + 9_000 : null)));
  await store.releaseJobs(manager, held.slice(0, 20));
  await store.releaseJobsOf([manager, newUid()], 1_000);
  await store.deleteJob(last);
  await store.deleteJob({ ...first, revision: 9 });
  await store.listDeletions(10);
  await store.forgetDeletion(last.uid);
}

async function exerciseRuns(store: Store): Promise<void> {
  const runs = Array.from({ length: 1_000 }, (_, i): RunRecord => {
    const jobUid = newUid();
    if (i % 4 === 0) return fullRunRecord({ jobUid, createdAt: T0 + i });
    return runRecord({ jobUid, createdAt: T0 + i, watchAt: T0 + i, status: i % 4 === 1 ? 'completed' : 'pending' });
  });
  await store.insertRuns(runs);
  await store.insertRuns(runs.slice(0, 10));
  await store.insertRuns(runs.slice(0, 8).map((run) => runRecord({ slot: `${run.jobUid}:a` })));
  const [first, second] = [runs[0] as RunRecord, runs[1] as RunRecord];
  await store.getRun(first.id);
  await store.latestTicks(runs.slice(0, 50).map((run) => ({ jobUid: run.jobUid, epoch: 0, from: T0 })));
  await store.latestTicks(runs.slice(0, 50).map((run) => ({ jobUid: run.jobUid, epoch: 0, from: 0, before: T0 + 9 })));
  await store.getRuns(runs.slice(0, 50).map((run) => run.id));
  const filters: Omit<RunQuery, 'limit'> = {
    after: runs[900]?.id ?? '',
    jobName: first.jobName,
    statuses: ['pending', 'running'],
    createdAfter: T0 + 10,
    createdBefore: T0 + 800,
    startedBefore: T0 + 700,
    heartbeatBefore: T0 + 600,
  };
  for (const query of subsets(filters)) await store.listRuns({ ...query, limit: 10 });
  await store.listRuns({ limit: 10, jobName: first.jobName, statuses: ['completed'] });
  await store.listRuns({ limit: 10, statuses: ['cancelling'], createdAfter: T0, createdBefore: T0 + 500 });
  await store.updateRuns([
    { id: first.id, rev: 0, change: { set: { status: 'running', progress: 1 }, unset: ['slot', 'watchAt'] } },
    { id: second.id, rev: 0, change: { set: { slot: `${second.jobUid}:a` }, unset: [] } },
    { id: second.id, rev: 7, change: { set: { message: 'late' }, unset: ['owes'] } },
  ]);
  await store.recordHeartbeats([
    { id: first.id, attempt: 3, at: T0 + 50, progress: 0.5, message: 'on' },
    { id: second.id, attempt: 1, at: T0 },
  ]);
  await store.markPublished([
    { id: second.id, attempt: 1, action: 'run', at: T0 + 1, watchAt: T0 + 2 },
    { id: first.id, attempt: 3, action: 'cancel', at: T0 + 1 },
  ]);
  await store.dueRuns(T0 + 500, 100);
  await store.nextWatchAt();
  const uids = runs.slice(0, 200).map((run) => run.jobUid);
  await store.occupancy(uids);
  await store.oldestWaiting(uids);
  await store.liveRuns(first.jobUid, 10);
  await exercisePruning(store, runs);
}

async function exercisePruning(store: Store, runs: readonly RunRecord[]): Promise<void> {
  const [first, second] = [runs[0] as RunRecord, runs[1] as RunRecord];
  const window = { jobUid: first.jobUid, from: T0, to: T0 + 5_000, limit: 10 };
  await store.listTicks(window);
  await store.listTicks({ ...window, after: { at: T0 + 1, id: first.id } });
  await store.listJobsOfRuns({ limit: 10 });
  await store.listJobsOfRuns({ limit: 10, after: first.jobUid });
  const { jobUid, jobName } = second;
  const more = Array.from({ length: 30 }, (_, i) =>
    runRecord({ jobUid, jobName, createdAt: T0 + i, status: i % 5 === 0 ? 'skipped' : 'completed', endedAt: T0 + i }),
  );
  await store.insertRuns(more);
  const pruning = { jobUid, jobName, endedBefore: T0 + 5_000, keepLast: true, unsettled: { epoch: 0, from: T0 + 20 } };
  await store.pruneRuns([{ ...pruning, keep: 25 }], 2);
  await store.pruneRuns([{ ...pruning, olderThan: T0 + 10 }], 2);
  await store.pruneRuns([{ ...pruning, keep: 20, olderThan: T0 + 12 }], 100);
  const all = runs.slice(0, 60).map((run) => ({ jobUid: run.jobUid, jobName: run.jobName, endedBefore: T0 + 5_000 }));
  await store.pruneRuns(
    all.map((each) => ({ ...each, keep: 1, olderThan: T0 + 20, keepLast: false })),
    100,
  );
}

async function exerciseRequests(store: Store): Promise<void> {
  const requests = Array.from({ length: 200 }, (_, i) => requestRecord({ createdAt: T0 + i }));
  for (const request of requests) await store.keepRequest(request);
  const [first] = requests as [RequestRecord];
  await store.keepRequest(first);
  await store.getRequest(first.id);
  for (const request of requests.slice(0, 150)) await store.answerRequest(request.id, runRecord({ id: request.runId }));
  await store.answerRequest(first.id, runRecord());
  await store.openRequests({ limit: 10 });
  await store.openRequests({ limit: 10, after: first.id });
  await store.forgetRequests(T0 + 20, 10);
}
