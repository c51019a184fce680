import type {
  HeldJob,
  JobEditable,
  JobOptional,
  JobRecord,
  ManagerRecord,
  RunChange,
  RunRecord,
} from '@simple-scheduler/core';
import type { Action, RunStatus } from '@simple-scheduler/contracts/vocabulary';
import type { RequestStore } from './requests.ts';

/**
 * The system of record. Every driver runs the suite in `packages/conformance`; what is promised here is tested there.
 *
 * - Each method is atomic per record, not across records; whoever needs two records changed writes them in an order
 *   that a crash may interrupt.
 * - A resolved write is durable (majority / fsync). A rejected one may or may not have taken effect: callers repeat it,
 *   and every write is safe to repeat (unique keys, guards).
 * - Guards are in the names and parameters; a guard that does not hold is an outcome, never an error.
 * - Methods reject with `StoreUnavailableError` when the database cannot be reached in time, and only then may a
 *   caller try again.
 * - Arrays of outcomes are parallel to the input. Batches of up to `STORE_BATCH_MAX` records are accepted.
 */
export interface Store extends ManagerStore, JobStore, LeaseStore, RunStore, RequestStore {
  /** Applies missing migrations, once, under a lock. Called before anything else. */
  migrate(): Promise<void>;
  /** Resolves when the database answers a write-capable node; rejects otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export const STORE_BATCH_MAX = 1_000;

/** Schedulers and their signs of life, by the database's clock. */
export interface ManagerStore {
  /** Registers or renews; returns the database's time of the renewal (epoch ms). */
  renewManager(manager: { id: string; startedAt: number; maxJobs: number }): Promise<{ heartbeatAt: number }>;
  removeManager(id: string): Promise<void>;
  /** All registered managers with the database's present time, so that callers compare like with like. */
  listManagers(): Promise<{ managers: ManagerRecord[]; now: number }>;
  /** Removes managers silent for longer than `timeoutMs` by the database's clock; returns their ids. Racing custodians may both see one. */
  removeSilentManagers(timeoutMs: number): Promise<string[]>;
}

export interface JobPage {
  readonly jobs: JobRecord[];
  /** Pass as `after` for the next page; absent on the last one. */
  readonly next?: string;
}

export interface JobQuery {
  readonly limit: number;
  /** Names greater than this one. */
  readonly after?: string;
  readonly name?: string;
  readonly namePrefix?: string;
  readonly enabled?: boolean;
  /** All of these labels. */
  readonly meta?: Readonly<Record<string, string>>;
}

export interface JobEdit {
  readonly name: string;
  /** Both must still hold, else the outcome is `conflict`. `nextRunAt` undefined means: absent in the record. */
  readonly guard: { readonly uid: string; readonly revision: number; readonly nextRunAt: number | undefined };
  readonly set: Partial<JobEditable>;
  readonly unset: readonly JobOptional[];
  /** Takes the job from its holder in the same write (`managerId` goes, `leaseToken` stays). */
  readonly free: boolean;
}

/** What is kept of a deleted job until it is cleaned up after. */
export interface Deletion {
  readonly uid: string;
  /** The job as it was. */
  readonly job: JobRecord;
  /** Epoch ms, by the database's clock. */
  readonly deletedAt: number;
}

export interface JobStore {
  /** The name is unique among jobs, compared exactly (case matters). */
  insertJob(job: JobRecord): Promise<'inserted' | 'name_taken'>;
  getJob(name: string): Promise<JobRecord | null>;
  /** Those that exist, in any order. */
  getJobs(names: readonly string[]): Promise<JobRecord[]>;
  /** Ordered by name (code units); never skips or repeats a job that exists during the whole listing. */
  listJobs(query: JobQuery): Promise<JobPage>;
  /** Adds 1 to `revision`. Outcome `updated` carries the record after the change. */
  editJob(edit: JobEdit): Promise<{ outcome: 'updated'; job: JobRecord } | { outcome: 'conflict' | 'not_found' }>;
  /** Removes the job if it is still this one, and keeps a deletion record in its place until `forgetDeletion`. */
  deleteJob(guard: { name: string; uid: string; revision: number }): Promise<'deleted' | 'conflict' | 'not_found'>;
  /** Deletions whose clean-up (live runs, topology) is not done yet, oldest first. */
  listDeletions(limit: number): Promise<Deletion[]>;
  forgetDeletion(uid: string): Promise<void>;
}

export interface JobAdvance {
  readonly name: string;
  readonly uid: string;
  readonly epoch: number;
  readonly managerId: string;
  readonly leaseToken: number;
  /** The `nextRunAt` that the caller settled. */
  readonly from: number;
  /** The next one; null: no tick is left. Then the job is freed in the same write. */
  readonly to: number | null;
  /** Set for once jobs whose run was created. */
  readonly completedAt?: number;
}

/** A held job, and when it was last edited. */
export interface ChangedJob extends HeldJob {
  readonly updatedAt: number;
}

/** Who holds which job. Only jobs that are enabled and have a `nextRunAt` can be held. */
export interface LeaseStore {
  /**
   * Takes up to `limit` free jobs, soonest `nextRunAt` first, adding 1 to each `leaseToken`. Two callers never get the
   * same job. Returns what was really got.
   */
  takeFreeJobs(managerId: string, limit: number): Promise<HeldJob[]>;
  /** Jobs held by this manager, ordered by name, paged by `after` (name). */
  heldJobs(managerId: string, page: { after?: string; limit: number }): Promise<HeldJob[]>;
  /**
   * Those of them whose `updatedAt` is `since` or later, ordered by it and then by name; what a look costs depends on how
   * many there are, not on how many are held. The next page begins `since` the last one's `updatedAt`, `after` its name.
   */
  changedJobs(managerId: string, page: { since: number; after?: string; limit: number }): Promise<ChangedJob[]>;
  /** Frees these jobs, each only if this manager still holds it with that token. Returns how many. */
  releaseJobs(managerId: string, jobs: readonly { name: string; leaseToken: number }[]): Promise<number>;
  /**
   * Frees up to `limit` (1 or more) of these managers' jobs. Returns how many: fewer where no more are left, or where someone else
   * frees them at the same time.
   */
  releaseJobsOf(managerIds: readonly string[], limit: number): Promise<number>;
  /**
   * The same for jobs whose manager is not registered: of one that crashed between the removal of a manager and the freeing of its
   * jobs, or of one that stopped and had too many to free them all in time.
   */
  releaseOrphans(limit: number): Promise<number>;
  /** Jobs that can be held, and how many of them are free. */
  countTakeable(): Promise<{ total: number; free: number }>;
  /** Whether there is a job to take. Costs the same however many jobs there are, unlike counting them. */
  anyFree(): Promise<boolean>;
  /** Moves `nextRunAt` on, each only under its full guard. `fenced`: it did not hold. */
  advanceJobs(advances: readonly JobAdvance[]): Promise<('advanced' | 'fenced')[]>;
}

export interface RunQuery {
  readonly limit: number;
  /** Ids smaller than this one (older). */
  readonly after?: string;
  readonly jobName?: string;
  readonly statuses?: readonly RunStatus[];
  /** At or after. */
  readonly createdAfter?: number;
  readonly createdBefore?: number;
  readonly startedBefore?: number;
  readonly heartbeatBefore?: number;
}

/** What may be removed of one job's records. */
export interface RunPruning {
  readonly jobUid: string;
  readonly jobName: string;
  /** Records beyond the newest `keep`, live ones counted, may go; absent: however many there are. At least 1. */
  readonly keep?: number;
  /** Records that ended before this may go; absent: however old they are. */
  readonly olderThan?: number;
  /** Nothing goes that ended at or after this, or has not ended. */
  readonly endedBefore: number;
  /** The newest record, and the newest that is not `skipped`, stay. */
  readonly keepLast: boolean;
  /** Records of this epoch's ticks at or after `from` stay: the job has not moved past them, and meets them again. */
  readonly unsettled?: { readonly epoch: number; readonly from: number };
}

/** `before` is excluded. */
export interface TickRange {
  readonly jobUid: string;
  readonly epoch: number;
  readonly from: number;
  readonly before?: number;
}

/** Ticks of one job by their time, both ends included. */
export interface TickQuery {
  readonly jobUid: string;
  readonly from: number;
  readonly to: number;
  /** Records after this one in the order of the listing. */
  readonly after?: TickPosition;
  readonly limit: number;
}

/** A place in the order of `scheduledAt`, then id. */
export interface TickPosition {
  readonly at: number;
  /** The empty text stands before all ids. */
  readonly id: string;
}

export interface RunUpdate {
  readonly id: string;
  /** The update takes effect only on this `rev`, and adds 1 to it. */
  readonly rev: number;
  readonly change: RunChange;
}

/** `exists`: a run with that id or tick key is there already. `slot_taken`: another run has that `slot`. */
export type InsertRunOutcome = 'created' | 'exists' | 'slot_taken';
/** `conflict`: another `rev`, or no such run. `slot_taken`: another run has the `slot` that this one was to get. */
export type UpdateRunOutcome = 'updated' | 'conflict' | 'slot_taken';

/** What stands in the way of a further run of a job. */
export interface Occupancy {
  /** Live runs that are not waiting. */
  readonly active: number;
  /** Slots in use, active and waiting. */
  readonly slots: readonly string[];
}

export interface RunStore {
  insertRuns(runs: readonly RunRecord[]): Promise<InsertRunOutcome[]>;
  getRun(id: string): Promise<RunRecord | null>;
  /**
   * For each range the last record (greatest `tickKey`) of a tick of that job and epoch at or after `from`, and before
   * `before` where it is given; by job uid, jobs without one are left out. One range per job. Tick keys (`tickKey` of
   * core) sort by time, so the unique index answers this.
   */
  latestTicks(ranges: readonly TickRange[]): Promise<Map<string, RunRecord>>;
  /**
   * Records of ticks (triggers `schedule` and `misfire`) of all epochs, ordered by `scheduledAt`, then id. Without
   * `after`, the last record before `from` comes first where it is a row of skipped ticks that ends at or after `from`.
   */
  listTicks(query: TickQuery): Promise<RunRecord[]>;
  /** Those that exist, in any order. */
  getRuns(ids: readonly string[]): Promise<RunRecord[]>;
  /** Newest first (by id); never skips or repeats a run that exists during the whole listing. */
  listRuns(query: RunQuery): Promise<{ runs: RunRecord[]; next?: string }>;
  /** At most one update per run id in a batch. */
  updateRuns(updates: readonly RunUpdate[]): Promise<UpdateRunOutcome[]>;
  /** Newer heartbeats of running runs, each only where `attempt` and status `running` still hold. Does not touch `rev`. */
  recordHeartbeats(
    beats: readonly { id: string; attempt: number; at: number; progress?: number; message?: string }[],
  ): Promise<void>;
  /**
   * After the bus confirmed: clears `owes` where it is still `action` for this `attempt`. For `run` also sets
   * `publishedAt` and `watchAt` (absent: cleared), but only of a run that is pending: else a word from a worker was
   * quicker than the confirm, and has set both. (Only a later attempt may owe `run` and not be pending.) For `cancel`
   * leaves both. Does not touch `rev`.
   */
  markPublished(
    published: readonly { id: string; attempt: number; action: Action; at: number; watchAt?: number }[],
  ): Promise<void>;
  /** Live runs whose `watchAt` is at or before `now`, earliest first. */
  dueRuns(now: number, limit: number): Promise<RunRecord[]>;
  /** The earliest `watchAt` of all, or null. */
  nextWatchAt(): Promise<number | null>;
  /** By job uid; jobs without live runs may be left out. */
  occupancy(jobUids: readonly string[]): Promise<Map<string, Occupancy>>;
  /** The oldest waiting run of each of these jobs, by id; jobs without one are left out. */
  oldestWaiting(jobUids: readonly string[]): Promise<RunRecord[]>;
  /** Live runs of one job, by id ascending. */
  liveRuns(jobUid: string, limit: number): Promise<RunRecord[]>;
  /**
   * Removes records as far as the prunings of their jobs allow, up to `limit` of them: the oldest first of each job (by
   * `scheduledAt`, then id), in no promised order among jobs. One pruning per job. Before any record goes, its time is noted in its job's `prunedTo`,
   * where that job still exists. Returns how many it found to remove: fewer than `limit` means that nothing is left to.
   */
  pruneRuns(prunings: readonly RunPruning[], limit: number): Promise<number>;
  /** Jobs that have records, existing or deleted ones, ordered by uid, those greater than `after`. */
  listJobsOfRuns(page: { after?: string; limit: number }): Promise<{ jobUid: string; jobName: string }[]>;
}
