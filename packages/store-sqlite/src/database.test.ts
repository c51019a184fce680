import { SchedulerError, StoreUnavailableError } from '@simple-scheduler/engine';
import { runRecord } from '@simple-scheduler/conformance';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from './database.ts';
import { connect } from './open.ts';
import { sqliteStore } from './sqlite-store.ts';

let db: Database;
beforeEach(async () => {
  db = new Database(await connect(':memory:', 0), ':memory:');
  db.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)');
});
afterEach(() => {
  db.close();
});

const count = (): unknown => db.get('SELECT count(*) FROM t')?.[0];

describe('transactions', () => {
  it('commit what their body did, and answer what it answers', () => {
    expect(db.write(() => db.run('INSERT INTO t VALUES (1, ?), (2, ?)', 'x', 'y'))).toBe(2);
    expect(db.read(() => db.all('SELECT * FROM t'))).toStrictEqual([
      [1, 'x'],
      [2, 'y'],
    ]);
  });

  it('take back everything when their body fails, and leave the connection usable', () => {
    const failing = (): void => {
      db.write(() => {
        db.run('INSERT INTO t VALUES (1, NULL)');
        throw new Error('changed my mind');
      });
    };
    expect(failing).toThrow('changed my mind');
    expect(count()).toBe(0);
    db.write(() => db.run('INSERT INTO t VALUES (1, NULL)'));
    expect(count()).toBe(1);
  });

  it('take back a whole batch when the disk is full, and go on once there is room', async () => {
    const store = sqliteStore(db, { now: Date.now });
    await store.migrate();
    const pages = Number(db.get('PRAGMA page_count')?.[0]);
    db.exec(`PRAGMA max_page_count = ${pages + 20}`);
    const batch = Array.from({ length: 200 }, () => runRecord({ payload: 'x'.repeat(10_000) }));
    const refusal = await store.insertRuns(batch).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StoreUnavailableError);
    expect(refusal).toMatchObject({ message: expect.stringContaining('the disk is full') });
    expect((await store.listRuns({ limit: 5 })).runs).toStrictEqual([]);
    db.exec(`PRAGMA max_page_count = ${pages + 10_000}`);
    expect(new Set(await store.insertRuns(batch))).toStrictEqual(new Set(['created']));
  });
});

describe('statements', () => {
  it('are prepared once', async () => {
    const prepared: string[] = [];
    const watched = new Database(await connect(':memory:', 0), ':memory:', (sql) => prepared.push(sql));
    for (let i = 0; i < 3; i += 1) watched.get('SELECT ?', i);
    expect(prepared).toStrictEqual(['SELECT ?']);
    for (let i = 0; i < 1_200; i += 1) expect(watched.get(`SELECT ${i}`)).toStrictEqual([i]);
    watched.close();
  });

  it('that are wrong are our mistake, not an outage', () => {
    const wrong = (): unknown => db.get('SELECT a FROM nowhere');
    expect(wrong).toThrow('no such table');
    expect(wrong).not.toThrow(SchedulerError);
    expect(() => db.run('INSERT INTO t VALUES (1, NULL), (1, NULL)')).toThrow('UNIQUE');
  });
});
