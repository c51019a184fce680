import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { changeFeedSuite } from '@simple-scheduler/conformance';
import { openSqliteStore } from '@simple-scheduler/store-sqlite';

changeFeedSuite('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'changes-sqlite-'));
  const path = join(folder, 'scheduler.db');
  const [store, second] = [await openSqliteStore({ path }), await openSqliteStore({ path })];
  return {
    store,
    second,
    async age(cursor) {
      const db = new DatabaseSync(path);
      db.exec('DELETE FROM changes WHERE seq < (SELECT max(seq) FROM changes)');
      db.close();
      return cursor;
    },
    async close() {
      await Promise.all([store.close(), second.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
});
