import { StoreUnavailableError } from '@simple-scheduler/engine';
import { openSqliteStore } from '@simple-scheduler/store-sqlite';
import { expect, it } from 'vitest';
import { batchingStore } from './batching/batching-store.ts';
import { lateStore } from './late-store.ts';

it('refuses all calls until the database is there, also those that kept hold of it', async () => {
  const { store, changes, arrived, close } = lateStore();
  await close();
  const kept = await Promise.resolve(store);
  await expect(kept.ping()).rejects.toThrow(StoreUnavailableError);
  await expect(kept.listJobs({ limit: 1 })).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  const follow = (): Promise<unknown> => {
    const { signal } = new AbortController();
    return changes.follow(undefined, signal)[Symbol.asyncIterator]().next();
  };
  expect(follow).toThrow(StoreUnavailableError);
  const opened = await openSqliteStore({ path: ':memory:' });
  await opened.migrate();
  arrived(opened);
  expect(await kept.listJobs({ limit: 1 })).toEqual({ jobs: [] });
  expect(await follow()).toMatchObject({ value: { changes: [] } });
  await close();
  await expect(opened.ping()).rejects.toThrow(StoreUnavailableError);
});

it('serves through the store that lets calls go together, as the API has it', async () => {
  const { store, arrived, close } = lateStore();
  const together = batchingStore(store);
  await expect(together.listJobs({ limit: 1 })).rejects.toThrow(StoreUnavailableError);
  await expect(together.getJob('a')).rejects.toThrow(StoreUnavailableError);
  const opened = await openSqliteStore({ path: ':memory:' });
  await opened.migrate();
  arrived(opened);
  expect(await together.listJobs({ limit: 1 })).toEqual({ jobs: [] });
  expect(await together.getJob('a')).toBeNull();
  await close();
});
