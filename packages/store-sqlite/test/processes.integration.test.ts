import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { jobRecord, newUid, runRecord } from '@simple-scheduler/conformance';
import { openSqliteStore } from '@simple-scheduler/store-sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';

type Child = ChildProcessByStdio<Writable, Readable, null>;

let folder: string;
let path: string;
let children: Child[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'processes-sqlite-'));
  path = join(folder, 'scheduler.db');
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

function start(script: string, ...values: readonly string[]): { child: Child; lines: AsyncIterator<string> } {
  const file = join(import.meta.dirname, 'processes', script);
  const child = spawn(process.execPath, ['--conditions=x-source', file, path, ...values], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

it('lets processes open a new file together, and gives each job to one of them', async () => {
  const takers = Array.from({ length: 4 }, () => start('take-all.ts', newUid()));
  for (const { lines } of takers) expect(await lines.next()).toMatchObject({ value: 'open' });
  const store = await openSqliteStore({ path });
  await store.migrate();
  const names = Array.from({ length: 1_000 }, (_, i) => `r${String(i).padStart(4, '0')}`);
  for (const name of names) await store.insertJob(jobRecord({ name }));
  for (const { child } of takers) child.stdin.end('go\n');
  const taken = await Promise.all(
    takers.map(async ({ lines }) => JSON.parse(String((await lines.next()).value)) as string[]),
  );
  expect(taken.flat()).toHaveLength(1_000);
  expect(taken.flat().sort()).toStrictEqual(names);
  expect(await store.countTakeable()).toStrictEqual({ total: 1_000, free: 0 });
  const jobs = await store.getJobs(names);
  expect(jobs.every((job) => job.leaseToken === 1)).toBe(true);
  await store.close();
});

it('keeps every write that it has promised when the process is killed', async () => {
  for (const round of [1, 2, 3]) {
    const { child, lines } = start('write-on.ts', JSON.stringify(runRecord({ createdAt: round })));
    const promised: string[] = [];
    while (promised.length < 100) promised.push(String((await lines.next()).value));
    child.kill('SIGKILL');
    for (let line = await lines.next(); !line.done; line = await lines.next()) promised.push(line.value);
    const store = await openSqliteStore({ path });
    await store.migrate();
    const kept = new Map((await store.getRuns(promised)).map((run) => [run.id, run]));
    for (const id of promised) expect(kept.get(id)).toMatchObject({ rev: 1, message: id });
    await store.close();
    const db = new DatabaseSync(path);
    expect(db.prepare('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' });
    db.close();
  }
});
