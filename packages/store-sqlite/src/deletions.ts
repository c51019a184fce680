import type { JobRecord } from '@simple-scheduler/core';
import type { JobStore } from '@simple-scheduler/engine';
import type { Database } from './database.ts';
import { findJob } from './job-rows.ts';

type DeletionMethods = Pick<JobStore, 'deleteJob' | 'listDeletions' | 'forgetDeletion'>;

export function deletionMethods(db: Database, now: () => number): DeletionMethods {
  return {
    async deleteJob({ name, uid, revision }) {
      return db.write(() => {
        const job = findJob(db, name);
        if (!job) return 'not_found';
        if (job.uid !== uid || job.revision !== revision) return 'conflict';
        db.run('INSERT INTO deletions (uid, "deletedAt", job) VALUES (?, ?, ?)', uid, now(), JSON.stringify(job));
        db.run('DELETE FROM labels WHERE name = ?', name);
        db.run('DELETE FROM jobs WHERE name = ?', name);
        return 'deleted';
      });
    },

    async listDeletions(limit) {
      const rows = db.all('SELECT uid, "deletedAt", job FROM deletions ORDER BY "deletedAt", rowid LIMIT ?', limit);
      return rows.map(([uid, deletedAt, job]) => ({
        uid: uid as string,
        job: JSON.parse(job as string) as JobRecord,
        deletedAt: deletedAt as number,
      }));
    },

    async forgetDeletion(uid) {
      db.run('DELETE FROM deletions WHERE uid = ?', uid);
    },
  };
}
