/** Opens a database, says so, and takes jobs until none is left free; prints the names that it got. */
import { openSqliteStore } from '@simple-scheduler/store-sqlite';

const [path = '', managerId = ''] = process.argv.slice(2);
const store = await openSqliteStore({ path });
await store.migrate();
process.stdout.write('open\n');
for await (const _go of process.stdin) break;
const names: string[] = [];
for (;;) {
  const taken = await store.takeFreeJobs(managerId, 20);
  names.push(...taken.map((job) => job.name));
  if (taken.length === 0) break;
}
await store.close();
process.stdout.write(`${JSON.stringify(names)}\n`);
