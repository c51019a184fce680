import { randomBytes } from 'node:crypto';
import { type JobInput, jobCreateSchema } from '@simple-scheduler/contracts';
import { newJob, type Store } from '@simple-scheduler/engine';
import { openMongoStore } from '@simple-scheduler/store-mongodb';
import { MongoClient, ObjectId } from 'mongodb';
import type { Installation } from './installation.ts';

type Place = Pick<Installation, 'env' | 'database'>;

/** The database of an installation, past its API. */
export async function storeOf({ env, database }: Place): Promise<Store & AsyncDisposable> {
  const store = await openMongoStore({ connectionString: addressOf(env), dbName: database });
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
}

/**
 * Puts thousands of jobs in place at once, all made like `template`. The store makes one of them, the rest are copies of
 * what it wrote. Nobody is told: schedulers find them.
 */
export async function seedJobs(
  { env, database }: Place,
  template: Omit<JobInput, 'name' | 'nextRunAt'>,
  jobs: readonly { readonly name: string; readonly nextRunAt: number }[],
): Promise<void> {
  await using store = await storeOf({ env, database });
  const fields = jobCreateSchema.parse({ ...template, name: 'template', enabled: false });
  await store.insertJob(newJob(fields, { uid: randomBytes(12).toString('hex'), now: Date.now() }));
  await using client = new MongoClient(addressOf(env));
  const collection = client.db(database).collection('jobs');
  const original = await collection.findOneAndDelete({ name: 'template' });
  const copies = jobs.map(({ name, nextRunAt }) => ({
    ...original,
    _id: new ObjectId(),
    name,
    enabled: true,
    nextRunAt: new Date(nextRunAt),
    ...(template.interval === undefined ? {} : { anchorAt: new Date(nextRunAt) }),
  }));
  await collection.insertMany(copies, { ordered: false });
}

/** The names of the jobs that each registered scheduler holds, by its id. */
export async function holdings(store: Store): Promise<Map<string, string[]>> {
  const { managers } = await store.listManagers();
  const held = await Promise.all(managers.map(({ id }) => store.heldJobs(id, { limit: 100_000 })));
  return new Map(managers.map(({ id }, i) => [id, (held[i] ?? []).map(({ name }) => name)]));
}

function addressOf(env: Installation['env']): string {
  return env['SIMPLE_SCHEDULER_DB_CONNECTION_STRING'] as string;
}
