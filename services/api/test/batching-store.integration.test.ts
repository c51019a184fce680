import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeSuite } from '@simple-scheduler/conformance';
import type { Store } from '@simple-scheduler/engine';
import { openSqliteStore } from '@simple-scheduler/store-sqlite';
import { batchingStore } from '../src/batching/batching-store.ts';

storeSuite('SQLite, calls going together', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'batching-store-'));
  const open = async (): Promise<Store> => batchingStore(await openSqliteStore({ path: join(folder, 'scheduler.db') }));
  const [store, second] = [await open(), await open()];
  return {
    store,
    second,
    open,
    async close() {
      await Promise.all([store.close(), second.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
});
