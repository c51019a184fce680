import { type Log, SchedulerError } from '@simple-scheduler/engine';
import type { Database } from './database.ts';
import { MIGRATIONS } from './migrations/index.ts';

/**
 * Applies what is missing, in the order of the numbers, all in one transaction that keeps everybody else out: either
 * the schema is the new one or nothing has happened. Refuses a database that a later version of this driver has made.
 */
export function migrate(db: Database, options: { now: () => number; log?: Log | undefined }): void {
  const applied = db.exclusive(() => {
    db.exec(
      'CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, "appliedAt" INTEGER NOT NULL)',
    );
    const present = Number(db.get('SELECT coalesce(max(number), 0) FROM migrations')?.[0]);
    if (present > MIGRATIONS.length) {
      throw new SchedulerError(
        `SQLite store ${db.path} has schema ${present}, this version knows ${MIGRATIONS.length}: it was made by a later one. Start that version, or put a backup from before it in its place`,
        { code: 'internal', retryable: false },
      );
    }
    const missing = MIGRATIONS.slice(present);
    for (const [i, { name, sql }] of missing.entries()) {
      db.exec(sql);
      db.run(
        'INSERT INTO migrations (number, name, "appliedAt") VALUES (?, ?, ?)',
        present + i + 1,
        name,
        options.now(),
      );
    }
    return missing;
  });
  for (const { name } of applied) options.log?.info({ migration: name, path: db.path }, 'applied a migration');
}
