import type { JobRecord, RunRecord } from '@simple-scheduler/core';
import type { InsertRunOutcome, ManagerStore, Occupancy, RunStore, Store } from '@simple-scheduler/engine';
import { Batches } from './batches.ts';

/**
 * Records have up to some 150 KiB, and a batch is held in memory twice: this many are a few MiB at worst. Past that, larger
 * batches gain next to nothing.
 */
const CALLS_MAX = 100;
/**
 * One at a time makes the largest batches: with two, each read took a fifth more CPU here and in the database. But a write waits
 * for a disk, which takes several in one go; who comes meanwhile need not wait for two of them.
 */
const SLOW_READ_MS = 20;
const SLOW_WRITE_MS = 2;
const UNDER_WAY_MAX = 4;

type Published = Parameters<RunStore['markPublished']>[0][number];
type Managers = Awaited<ReturnType<ManagerStore['listManagers']>>;

/**
 * The same store, for a process that serves many callers at once: what they ask for at the same time goes to the database
 * as one command, and what several of them ask for is asked once. Nothing is kept: each read reaches the database after it
 * was asked for, each write is answered when it is durable, and what the port promises of single calls holds (the suite of
 * stores runs through this). Calls that are batches already pass through.
 *
 * A caller waits for the batch before its own too, as long as that is quick. All have the store's own time limit, so what is
 * held up makes others late by no more than that.
 */
export function batchingStore(store: Store): Store {
  const jobs = reads((names: readonly string[]) => store.getJobs(names), nameOf);
  const runs = reads((ids: readonly string[]) => store.getRuns(ids), idOf);
  const places = batches(async (uids: readonly string[]): Promise<(Occupancy | undefined)[]> => {
    const found = await store.occupancy([...new Set(uids)]);
    return uids.map((uid) => found.get(uid));
  });
  const managers = batches(async (calls: readonly undefined[]): Promise<Managers[]> => {
    const found = await store.listManagers();
    return calls.map(() => found);
  });
  const inserts = batches<RunRecord, InsertRunOutcome>((records) => store.insertRuns(records), SLOW_WRITE_MS);
  const marks = batches(async (published: readonly Published[]): Promise<undefined[]> => {
    await store.markPublished(published);
    return published.map(() => undefined);
  }, SLOW_WRITE_MS);

  const batched: Partial<Store> = {
    getJob: async (name) => (await jobs.add(name)) ?? null,
    getRun: async (id) => (await runs.add(id)) ?? null,
    occupancy: async (uids) => {
      const [uid] = uids;
      if (uid === undefined || uids.length > 1) return store.occupancy(uids);
      const found = await places.add(uid);
      return new Map(found === undefined ? [] : [[uid, found]]);
    },
    listManagers: () => managers.add(undefined),
    insertRuns: async (records) => {
      const [record] = records;
      return record === undefined || records.length > 1 ? store.insertRuns(records) : [await inserts.add(record)];
    },
    markPublished: async (published) => {
      const [one] = published;
      if (one === undefined || published.length > 1) await store.markPublished(published);
      else await marks.add(one);
    },
  };
  // Asked by name, method by method: a store that is still to arrive has none to copy.
  return new Proxy(store, {
    get: (target, method) => Reflect.get(batched, method) ?? Reflect.get(target, method),
  });
}

function batches<Call, Outcome>(
  perform: (calls: readonly Call[]) => Promise<Outcome[]>,
  slowAfterMs = SLOW_READ_MS,
): Batches<Call, Outcome> {
  return new Batches({ perform, callsMax: CALLS_MAX, slowAfterMs, underWayMax: UNDER_WAY_MAX });
}

/** Reads of single records by their keys; undefined where there is none. */
function reads<R>(
  read: (keys: readonly string[]) => Promise<readonly R[]>,
  keyOf: (record: R) => string,
): Batches<string, R | undefined> {
  return batches(async (keys: readonly string[]) => {
    const found = new Map((await read([...new Set(keys)])).map((record) => [keyOf(record), record]));
    return keys.map((key) => found.get(key));
  });
}

const nameOf = (job: JobRecord): string => job.name;
const idOf = (run: RunRecord): string => run.id;
