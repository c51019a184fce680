import { exerciseStore } from '@simple-scheduler/conformance';
import { expect, it } from 'vitest';
import { Database } from './database.ts';
import { connect } from './open.ts';
import { sqliteStore } from './sqlite-store.ts';

/** The list of all managers is meant to be whole; the others end at their limit, in the order of the index. */
const MEANT = new Set([
  'SCAN managers',
  'SCAN deletions USING INDEX deletions_age',
  'SCAN runs USING COVERING INDEX runs_watch',
]);

it('answers every query from an index, without sorting', async () => {
  const statements: string[] = [];
  const db = new Database(await connect(':memory:', 0), ':memory:', (sql) => statements.push(sql));
  const store = sqliteStore(db, { now: Date.now });
  await store.migrate();
  const before = statements.length;
  await exerciseStore(store);
  const queries = statements.slice(before).filter((sql) => /^(SELECT|INSERT|UPDATE|DELETE)/.test(sql));
  expect(queries.length).toBeGreaterThan(60);
  const bad = queries.flatMap((sql) => {
    const plan = db.all(`EXPLAIN QUERY PLAN ${sql}`).map((row) => String(row[3]));
    const scans = plan.filter(
      (step) => step.startsWith('SCAN') && !/^SCAN (json_each|wanted) |^SCAN CONSTANT ROW$/.test(step),
    );
    const sorts = plan.filter((step) => step.includes('TEMP B-TREE FOR ORDER BY'));
    const wrong = [...scans.filter((step) => !MEANT.has(step)), ...sorts];
    return wrong.length === 0 ? [] : [{ sql, plan }];
  });
  expect(bad).toStrictEqual([]);
  await store.close();
});

it('covers every method of the store', async () => {
  const store = sqliteStore(new Database(await connect(':memory:', 0), ':memory:'), { now: Date.now });
  await store.migrate();
  const called = new Set<string>();
  const watched = new Proxy(store, {
    get(target, name) {
      called.add(String(name));
      return Reflect.get(target, name) as unknown;
    },
  });
  await exerciseStore(watched);
  expect(Object.keys(store).filter((name) => !called.has(name))).toStrictEqual(['migrate', 'close', 'changes']);
  await store.close();
});
