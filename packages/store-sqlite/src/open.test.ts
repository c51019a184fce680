import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { jobRecord, runRecord } from '@simple-scheduler/conformance';
import { SchedulerError, StoreUnavailableError } from '@simple-scheduler/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, openSqliteStore } from './open.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-sqlite-'));
  path = join(folder, 'data', 'deep', 'scheduler.db');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777;

describe('opening a file', () => {
  it('makes folder and file for their owner only', async () => {
    const store = await openSqliteStore({ path });
    await store.migrate();
    await store.insertJob(jobRecord());
    expect(await modeOf(join(folder, 'data'))).toBe(0o700);
    for (const suffix of ['', '-wal', '-shm']) expect(await modeOf(`${path}${suffix}`), suffix).toBe(0o600);
    await store.close();
  });

  it('syncs what it promises to the disk', async () => {
    const db = await connect(join(folder, 'scheduler.db'), 0);
    expect(db.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
    // 2 is FULL.
    expect(db.prepare('PRAGMA synchronous').get()).toMatchObject({ synchronous: 2 });
    db.close();
  });

  it('leaves the mode of a file that is there', async () => {
    await (await openSqliteStore({ path })).close();
    await chmod(path, 0o640);
    const store = await openSqliteStore({ path });
    await store.migrate();
    expect(await modeOf(path)).toBe(0o640);
    await store.close();
  });

  it('keeps everything in memory where it is asked to', async () => {
    const store = await openSqliteStore({ path: ':memory:' });
    await store.migrate();
    await store.ping();
    const job = jobRecord();
    await store.insertJob(job);
    expect(await store.getJob(job.name)).toStrictEqual(job);
    await store.close();
  });

  it('refuses a path that cannot be a file, and says which', async () => {
    await mkdir(path, { recursive: true });
    await expect(openSqliteStore({ path })).rejects.toThrow(StoreUnavailableError);
    await writeFile(join(folder, 'file'), '');
    await expect(openSqliteStore({ path: join(folder, 'file', 'below.db') })).rejects.toThrow(
      join(folder, 'file', 'below.db'),
    );
  });

  it('refuses a file that is no database, for good, and leaves it as it is', async () => {
    const other = join(folder, 'notes.txt');
    await writeFile(other, 'not a database at all, '.repeat(100));
    const refusal = await openSqliteStore({ path: other }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SchedulerError);
    expect(refusal).toMatchObject({
      retryable: false,
      message: `SQLite store ${other}: the file is not an SQLite database. Name another file`,
    });
    expect(await readFile(other, 'utf8')).toContain('not a database at all');
  });

  it.each([
    ['of other tables', 'CREATE TABLE notes (id INTEGER PRIMARY KEY)'],
    ['with a table of migrations of its own', 'CREATE TABLE migrations (id INTEGER PRIMARY KEY, name TEXT)'],
    ['whose migrations look like ours', 'CREATE TABLE migrations (number, name, "appliedAt")'],
  ])('refuses a database of another program, %s, for good, and leaves it as it is', async (_, sql) => {
    const other = join(folder, 'other.db');
    const db = new DatabaseSync(other);
    db.exec(sql);
    db.close();
    const before = await readFile(other);
    await expect(openSqliteStore({ path: other })).rejects.toMatchObject({
      retryable: false,
      message: expect.stringContaining(`${other}: the file is a database of another program`),
    });
    expect(await readFile(other)).toEqual(before);
  });

  it('refuses a database that a later version has made', async () => {
    const store = await openSqliteStore({ path });
    await store.migrate();
    await store.close();
    const db = new DatabaseSync(path);
    db.exec("INSERT INTO migrations VALUES (9999, '9999-later', 0)");
    db.close();
    const later = await openSqliteStore({ path });
    await expect(later.migrate()).rejects.toMatchObject({
      retryable: false,
      message: expect.stringContaining('schema 9999'),
    });
    await later.close();
  });

  it('records its migrations once', async () => {
    const [a, b] = await Promise.all([openSqliteStore({ path }), openSqliteStore({ path })]);
    await Promise.all([a.migrate(), b.migrate(), a.migrate()]);
    await Promise.all([a.close(), b.close()]);
    const db = new DatabaseSync(path);
    expect(
      db
        .prepare('SELECT number, name FROM migrations')
        .all()
        .map((row) => ({ ...row })),
    ).toStrictEqual([
      { number: 1, name: '0001-records' },
      { number: 2, name: '0002-history' },
      { number: 3, name: '0003-requests' },
      { number: 4, name: '0004-changes' },
      { number: 5, name: '0005-changed' },
    ]);
    db.close();
  });
});

describe('a store that cannot be reached', () => {
  it('rejects after close, and closes twice', async () => {
    const store = await openSqliteStore({ path });
    await store.migrate();
    await store.close();
    await store.close();
    await expect(store.getJob('report')).rejects.toThrow(StoreUnavailableError);
    await expect(store.insertRuns([runRecord()])).rejects.toThrow('is closed');
    await expect(store.ping()).rejects.toThrow(StoreUnavailableError);
  });

  it('rejects writes while another process keeps the lock, reads on, and recovers', async () => {
    const store = await openSqliteStore({ path, busyTimeoutMs: 10 });
    await store.migrate();
    const [kept, wanted] = [jobRecord(), jobRecord()];
    await store.insertJob(kept);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const refusal = await store.insertJob(wanted).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StoreUnavailableError);
    expect(refusal).toMatchObject({
      retryable: true,
      message: expect.stringContaining('another process holds the lock'),
    });
    await expect(store.ping()).rejects.toThrow(StoreUnavailableError);
    expect(await store.getJob(kept.name)).toStrictEqual(kept);
    other.exec('ROLLBACK');
    other.close();
    expect(await store.insertJob(wanted)).toBe('inserted');
    await store.close();
  });

  it('says so when its file has been removed', async () => {
    const store = await openSqliteStore({ path });
    await store.migrate();
    await store.ping();
    await rm(path);
    await expect(store.ping()).rejects.toThrow('the file is gone');
    await store.close();
  });
});
