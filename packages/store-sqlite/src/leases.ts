import type { HeldJob } from '@simple-scheduler/core';
import type { JobAdvance, LeaseStore } from '@simple-scheduler/engine';
import type { Database, Row } from './database.ts';

/** Written as the index has it, and named, as the planner would rather go through all enabled jobs. */
const TAKEABLE = 'jobs INDEXED BY jobs_takeable WHERE enabled = 1 AND "nextRunAt" IS NOT NULL';
const COUNT_FREE = `SELECT count(*) FROM ${TAKEABLE} AND "managerId" IS NULL`;
const COUNT_HELD = `SELECT count(*) FROM ${TAKEABLE} AND "managerId" > ''`;
const ANY_FREE = `SELECT 1 FROM ${TAKEABLE} AND "managerId" IS NULL LIMIT 1`;
const HELD_COLUMNS = 'name, "nextRunAt", "leaseToken"';

const TAKE = `UPDATE jobs SET "managerId" = ?, "leaseToken" = "leaseToken" + 1 WHERE rowid IN (
  SELECT rowid FROM ${TAKEABLE} AND "managerId" IS NULL ORDER BY "nextRunAt" LIMIT ?) RETURNING ${HELD_COLUMNS}`;
const HELD = `SELECT ${HELD_COLUMNS} FROM jobs WHERE "managerId" = ? AND name > ? AND "nextRunAt" IS NOT NULL
  ORDER BY name LIMIT ?`;
const CHANGED = `SELECT ${HELD_COLUMNS}, "updatedAt" FROM jobs INDEXED BY jobs_changed
  WHERE "managerId" = ? AND ("updatedAt", name) > (?, ?) AND "nextRunAt" IS NOT NULL ORDER BY "updatedAt", name LIMIT ?`;
const RELEASE = 'UPDATE jobs SET "managerId" = NULL WHERE name = ? AND "managerId" = ? AND "leaseToken" = ?';
const RELEASE_SOME = `UPDATE jobs SET "managerId" = NULL WHERE rowid IN (
  SELECT rowid FROM jobs WHERE "managerId" = ? LIMIT ?)`;
/** The next holder in the order of ids: one step in the index, however many jobs each of them holds. */
const NEXT_HOLDER = 'SELECT min("managerId") FROM jobs WHERE "managerId" > ?';

const FULL_GUARD = 'name = ? AND uid = ? AND epoch = ? AND "managerId" = ? AND "leaseToken" = ? AND "nextRunAt" = ?';
const ADVANCE = `UPDATE jobs SET "nextRunAt" = ?, "completedAt" = coalesce(?, "completedAt") WHERE ${FULL_GUARD}`;
const FINISH = `UPDATE jobs SET "nextRunAt" = NULL, "managerId" = NULL, "completedAt" = coalesce(?, "completedAt") WHERE ${FULL_GUARD}`;

/** Before all names. */
const FIRST = '';

export function leaseMethods(db: Database): LeaseStore {
  return {
    async takeFreeJobs(managerId, limit) {
      return limit > 0 ? db.all(TAKE, managerId, limit).map(heldJob) : [];
    },

    async heldJobs(managerId, { after = FIRST, limit }) {
      return db.all(HELD, managerId, after, limit).map(heldJob);
    },

    async changedJobs(managerId, { since, after = FIRST, limit }) {
      return db
        .all(CHANGED, managerId, since, after, limit)
        .map((row) => ({ ...heldJob(row), updatedAt: row[3] as number }));
    },

    async releaseJobs(managerId, jobs) {
      return db.write(() =>
        jobs.reduce((count, { name, leaseToken }) => count + db.run(RELEASE, name, managerId, leaseToken), 0),
      );
    },

    async releaseJobsOf(managerIds, limit) {
      return db.write(() => releaseSome(db, managerIds, limit));
    },

    async releaseOrphans(limit) {
      return db.write(() => releaseSome(db, orphanedHolders(db), limit));
    },

    async anyFree() {
      return db.read(() => db.get(ANY_FREE) !== undefined);
    },

    async countTakeable() {
      return db.read(() => {
        const [free, held] = [COUNT_FREE, COUNT_HELD].map((sql) => Number(db.get(sql)?.[0])) as [number, number];
        return { total: free + held, free };
      });
    },

    async advanceJobs(advances) {
      return db.write(() => advances.map((advance) => (advanced(db, advance) ? 'advanced' : 'fenced')));
    },
  };
}

function releaseSome(db: Database, managerIds: readonly string[], limit: number): number {
  return managerIds.reduce((count, id) => count + db.run(RELEASE_SOME, id, limit - count), 0);
}

function orphanedHolders(db: Database): string[] {
  const orphaned: string[] = [];
  for (let id = nextHolder(db, ''); id !== null; id = nextHolder(db, id)) {
    if (!db.get('SELECT 1 FROM managers WHERE id = ?', id)) orphaned.push(id);
  }
  return orphaned;
}

function nextHolder(db: Database, after: string): string | null {
  return (db.get(NEXT_HOLDER, after)?.[0] ?? null) as string | null;
}

function advanced(db: Database, advance: JobAdvance): boolean {
  const { name, uid, epoch, managerId, leaseToken, from, to } = advance;
  const guard = [name, uid, epoch, managerId, leaseToken, from];
  const completedAt = advance.completedAt ?? null;
  const changed = to === null ? db.run(FINISH, completedAt, ...guard) : db.run(ADVANCE, to, completedAt, ...guard);
  return changed === 1;
}

function heldJob([name, nextRunAt, leaseToken]: Row): HeldJob {
  return { name: name as string, nextRunAt: nextRunAt as number, leaseToken: leaseToken as number };
}
