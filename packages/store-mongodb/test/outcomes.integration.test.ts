import { jobRecord, newRunId, newUid, runRecord, T0 } from '@simple-scheduler/conformance';
import { type JobAdvance, type RunUpdate, type Store, StoreUnavailableError } from '@simple-scheduler/engine';
import { freshDatabase } from '@simple-scheduler/testkit';
import { sharedMongodb } from '@simple-scheduler/testkit/vitest';
import type { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../src/connection/client.ts';
import { Connection } from '../src/connection/connection.ts';
import { type Database, databaseOn } from '../src/database.ts';
import { openMongoStore } from '../src/index.ts';
import { advanceJobs } from '../src/jobs/advance-jobs.ts';
import { updateRuns } from '../src/runs/update-runs.ts';

const dbName = freshDatabase();
let url: string;
let store: Store;
let other: Store;
let client: MongoClient;
let database: Database;

beforeAll(async () => {
  ({ url } = await sharedMongodb());
  store = await openMongoStore({ connectionString: url, dbName });
  other = await openMongoStore({ connectionString: url, dbName });
  await store.migrate();
  const settings = { connectionString: url, appName: 'outcomes', timeoutMs: 10_000, serverSelectionTimeoutMs: 5_000 };
  client = createClient(settings);
  const redact = (text: string): string => text;
  database = databaseOn(new Connection({ client, dbName, timeoutMs: 10_000, redact, log: undefined }));
});

afterAll(async () => {
  await Promise.all([store.close(), other.close()]);
  await client.db(dbName).dropDatabase();
  await client.close();
});

/** Our side of the store, where `between` happens after a bulk took effect and before its outcome is read back. */
function overtaken(between: () => Promise<unknown>): Database {
  const interposed = <T extends object>(collection: T): T =>
    new Proxy(collection, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== 'function') return member;
        if (key !== 'bulkWrite') return member.bind(target) as unknown;
        return async (...args: unknown[]): Promise<unknown> => {
          const result: unknown = await Reflect.apply(member, target, args);
          await between();
          return result;
        };
      },
    });
  return { ...database, runs: interposed(database.runs), jobs: interposed(database.jobs) };
}

const step = (id: string, rev: number, workerId: string): RunUpdate => ({
  id,
  rev,
  change: { set: { workerId }, unset: [] },
});

describe('outcomes of updates that others overtake', () => {
  /** Runs of which others have made this many steps. */
  async function runsAt(...revs: readonly number[]): Promise<string[]> {
    const runs = revs.map(() => runRecord());
    await store.insertRuns(runs);
    for (const [i, run] of runs.entries())
      for (let rev = 0; rev < (revs[i] ?? 0); rev += 1) await other.updateRuns([step(run.id, rev, 'other')]);
    return runs.map((run) => run.id);
  }

  it('are updates, however far others went since', async () => {
    const [near, far, untouched, conflict] = (await runsAt(0, 0, 0, 1)) as [string, string, string, string];
    const ours = overtaken(async () => {
      for (const update of [step(near, 1, 'x'), step(far, 1, 'x'), step(far, 2, 'x')])
        expect(await other.updateRuns([update])).toStrictEqual(['updated']);
    });
    const asked = [near, far, untouched, conflict].map((id) => step(id, 0, 'us'));
    expect(await updateRuns(ours, asked)).toStrictEqual(['updated', 'updated', 'updated', 'conflict']);
  });

  it('are conflicts, however far others went before', async () => {
    const [near, far, mine] = (await runsAt(1, 4, 0)) as [string, string, string];
    const asked = [near, far, mine].map((id) => step(id, 0, 'us'));
    expect(await store.updateRuns([...asked, step(newRunId(T0), 0, 'us')])).toStrictEqual([
      'conflict',
      'conflict',
      'updated',
      'conflict',
    ]);
  });

  it('are told apart by the step that others made, where only that is left', async () => {
    const [mine, theirs] = (await runsAt(0, 1)) as [string, string];
    const ours = overtaken(() => other.updateRuns([step(mine, 1, 'x')]));
    expect(await updateRuns(ours, [step(mine, 0, 'us'), step(theirs, 0, 'us')])).toStrictEqual(['updated', 'conflict']);
  });

  it('are not guessed where nothing tells them apart', async () => {
    const [mine, theirs] = (await runsAt(0, 2)) as [string, string];
    const ours = overtaken(() => other.updateRuns([step(mine, 1, 'x')]));
    const asked = [step(mine, 0, 'us'), step(theirs, 0, 'us')];
    await expect(updateRuns(ours, asked)).rejects.toThrow(StoreUnavailableError);
    expect(await store.updateRuns(asked)).toStrictEqual(['conflict', 'conflict']);
  });

  it('are advances, also of a job that others advanced, freed or deleted since', async () => {
    const manager = newUid();
    const jobs = Array.from({ length: 5 }, (_, i) => jobRecord({ nextRunAt: T0 + i }));
    for (const job of jobs) await store.insertJob(job);
    await store.takeFreeJobs(manager, 1_000);
    const advances = jobs.map(
      ({ name, uid, epoch, nextRunAt = 0 }): JobAdvance => ({
        ...{ name, uid, epoch, managerId: manager, leaseToken: 1 },
        ...{ from: nextRunAt, to: nextRunAt + 100 },
      }),
    );
    const [further, freed, deleted] = advances as [JobAdvance, JobAdvance, JobAdvance];
    const asked = advances.map((advance, i) => (i < 4 ? advance : { ...advance, leaseToken: 7 }));
    const ours = overtaken(async () => {
      const next = { ...further, from: further.from + 100, to: further.from + 200 };
      expect(await other.advanceJobs([next])).toStrictEqual(['advanced']);
      expect(await other.releaseJobs(manager, [freed])).toBe(1);
      expect(await other.deleteJob({ name: deleted.name, uid: deleted.uid, revision: 1 })).toBe('deleted');
    });
    expect(await advanceJobs(ours, asked)).toStrictEqual(['advanced', 'advanced', 'advanced', 'advanced', 'fenced']);
  });
});

describe('outcomes of batches', () => {
  it('name each of two advances of one job in a batch', async () => {
    const managerId = newUid();
    const job = jobRecord({ name: 'twice', nextRunAt: T0 });
    await store.insertJob(job);
    const [held] = await store.takeFreeJobs(managerId, 1);
    const { name, uid, epoch } = job;
    const advance = { name, uid, epoch, managerId, leaseToken: held?.leaseToken ?? 0, from: T0, to: T0 + 1 };
    expect(await store.advanceJobs([advance, advance])).toStrictEqual(['advanced', 'fenced']);
    const chain = [1, 2, 3].map((n) => ({ ...advance, from: T0 + n, to: T0 + n + 1 }));
    expect(await store.advanceJobs(chain)).toStrictEqual(['advanced', 'advanced', 'advanced']);
  });

  it('are each job’s own where many move from the same tick to the same next one', async () => {
    const managerId = newUid();
    const jobs = Array.from({ length: 60 }, () => jobRecord({ nextRunAt: T0 }));
    for (const job of jobs) await store.insertJob(job);
    await store.takeFreeJobs(managerId, 1_000);
    const asked = jobs.map(({ name, uid, epoch }, i) => ({
      ...{ name: i % 3 === 1 ? `not-${name}` : name, uid, epoch, managerId, leaseToken: 1 },
      ...{ from: T0, to: i % 2 === 0 ? T0 + 500 : null },
    }));
    // One of them is not held any more.
    await store.releaseJobs(managerId, [{ name: jobs[0]?.name ?? '', leaseToken: 1 }]);
    const expected = asked.map((_, i) => (i === 0 || i % 3 === 1 ? 'fenced' : 'advanced'));
    expect(await store.advanceJobs(asked)).toStrictEqual(expected);
    for (const [i, job] of jobs.entries()) {
      const { nextRunAt } = (await store.getJob(job.name)) ?? {};
      expect(nextRunAt).toBe(expected[i] === 'fenced' ? T0 : (asked[i]?.to ?? undefined));
    }
  });

  it('let a waiting run have the slot that the same batch gives up', async () => {
    const uid = newUid();
    const active = runRecord({ jobUid: uid, slot: `${uid}:a` });
    const waiting = runRecord({ jobUid: uid, slot: `${uid}:w0`, waiting: true });
    await store.insertRuns([active, waiting]);
    const promote: RunUpdate = { id: waiting.id, rev: 0, change: { set: { slot: `${uid}:a` }, unset: ['waiting'] } };
    const end: RunUpdate = { id: active.id, rev: 0, change: { set: { status: 'completed' }, unset: ['slot'] } };
    expect(await store.updateRuns([promote, end])).toStrictEqual(['updated', 'updated']);
  });
});

describe('a job that can not be held', () => {
  it.each([
    ['disabled', { set: { enabled: false }, unset: [] }],
    ['left without a next tick', { set: {}, unset: ['nextRunAt'] }],
  ] as const)('is freed by the edit that it is %s with', async (_title, change) => {
    const managerId = newUid();
    const job = jobRecord();
    await store.insertJob(job);
    await store.takeFreeJobs(managerId, 1_000);
    const guard = { uid: job.uid, revision: 1, nextRunAt: job.nextRunAt };
    const answer = await store.editJob({ name: job.name, guard, ...change, free: false });
    expect(answer.outcome).toBe('updated');
    expect((await store.getJob(job.name))?.managerId).toBeUndefined();
    expect((await store.heldJobs(managerId, { limit: 1_000 })).map((held) => held.name)).not.toContain(job.name);
  });
});

describe('lists by time', () => {
  it('find a run whose start, as another clock told it, lies before its creation', async () => {
    const createdAt = T0 + 5_000_000;
    const run = runRecord({ id: newRunId(createdAt), createdAt, jobName: 'skewed', startedAt: createdAt - 60_000 });
    await store.insertRuns([run]);
    const found = await store.listRuns({ limit: 5, jobName: 'skewed', startedBefore: createdAt - 1 });
    expect(found.runs).toStrictEqual([run]);
  });
});
