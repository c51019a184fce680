import type { ManagerRecord } from '@simple-scheduler/core';
import type { ManagerStore } from '@simple-scheduler/engine';
import type { Database } from './database.ts';

const RENEW = `INSERT INTO managers (id, "startedAt", "maxJobs", "heartbeatAt") VALUES (?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET "startedAt" = excluded."startedAt", "maxJobs" = excluded."maxJobs", "heartbeatAt" = excluded."heartbeatAt"`;

export function managerMethods(db: Database, now: () => number): ManagerStore {
  return {
    async renewManager({ id, startedAt, maxJobs }) {
      const heartbeatAt = now();
      db.run(RENEW, id, startedAt, maxJobs, heartbeatAt);
      return { heartbeatAt };
    },

    async removeManager(id) {
      db.run('DELETE FROM managers WHERE id = ?', id);
    },

    async listManagers() {
      const rows = db.all('SELECT id, "startedAt", "heartbeatAt", "maxJobs" FROM managers ORDER BY id');
      const managers = rows.map(
        ([id, startedAt, heartbeatAt, maxJobs]) => ({ id, startedAt, heartbeatAt, maxJobs }) as ManagerRecord,
      );
      return { managers, now: now() };
    },

    async removeSilentManagers(timeoutMs) {
      const removed = db.all('DELETE FROM managers WHERE "heartbeatAt" < ? RETURNING id', now() - timeoutMs);
      return removed.map(([id]) => id as string);
    },
  };
}
