/** Inserts runs like the given one until it is killed, and prints the id of each once the store has promised it. */
import { writeSync } from 'node:fs';
import type { RunRecord } from '@simple-scheduler/core';
import { openSqliteStore } from '@simple-scheduler/store-sqlite';

const [path = '', template = ''] = process.argv.slice(2);
const run = JSON.parse(template) as RunRecord;
const store = await openSqliteStore({ path });
await store.migrate();
for (let n = 0; ; n += 1) {
  const id = `${run.id.slice(0, 12)}${n.toString(16).padStart(12, '0')}`;
  await store.insertRuns([{ ...run, id, tickKey: id, slot: id }]);
  await store.updateRuns([{ id, rev: 0, change: { set: { message: id }, unset: ['owes'] } }]);
  writeSync(1, `${id}\n`);
}
