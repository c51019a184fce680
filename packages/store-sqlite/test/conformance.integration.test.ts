import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeSuite } from '@simple-scheduler/conformance';
import { openSqliteStore } from '@simple-scheduler/store-sqlite';

storeSuite('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'store-sqlite-'));
  const open = (): ReturnType<typeof openSqliteStore> => openSqliteStore({ path: join(folder, 'scheduler.db') });
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
