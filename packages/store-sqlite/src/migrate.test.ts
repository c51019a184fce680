import { fullJobRecord, fullRunRecord, T0 } from '@simple-scheduler/conformance';
import { expect, it } from 'vitest';
import { Database } from './database.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { connect } from './open.ts';
import { sqliteStore } from './sqlite-store.ts';

it('keeps the runs of an earlier version, and finds them by their time', async () => {
  const db = new Database(await connect(':memory:', 0), ':memory:');
  const store = sqliteStore(db, { now: Date.now });
  const [first] = MIGRATIONS;
  db.exec('CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, "appliedAt" INTEGER NOT NULL)');
  db.exec(first?.sql ?? '');
  db.run('INSERT INTO migrations VALUES (1, ?, 0)', first?.name ?? '');
  const run = fullRunRecord({ scheduledAt: T0 + 5, trigger: 'misfire' });
  const { jobName, jobUid, id, tickKey, rev, status, createdAt, attempt, ...rest } = run;
  db.run(
    `INSERT INTO runs (id, "jobName", "jobUid", "tickKey", rev, status, "createdAt", attempt, rest)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[id, jobName, jobUid, tickKey ?? null, rev, status, createdAt, attempt, JSON.stringify(rest)],
  );

  await store.migrate();
  expect(await store.getRun(id)).toStrictEqual(run);
  expect(await store.listTicks({ jobUid, from: T0, to: T0 + 9, limit: 5 })).toStrictEqual([run]);
  const job = fullJobRecord();
  await store.insertJob(job);
  expect(await store.getJob(job.name)).toStrictEqual(job);
  await store.close();
});
