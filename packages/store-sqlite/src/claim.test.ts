import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SchedulerError } from '@simple-scheduler/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { claimSqliteFile } from './claim.ts';
import { openSqliteStore } from './open.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'claim-sqlite-'));
  path = join(folder, 'data', 'scheduler.db');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const refusal = (): unknown => {
  try {
    claimSqliteFile(path).release();
    return undefined;
  } catch (error) {
    return error;
  }
};

it('is for one at a time, and says for what', async () => {
  const claim = claimSqliteFile(path);
  expect(refusal()).toBeInstanceOf(SchedulerError);
  expect(refusal()).toMatchObject({ retryable: false, message: `another process works on the data in ${path}` });
  expect((await stat(`${path}.claim`)).mode & 0o777).toBe(0o600);
  claim.release();
  claim.release();
  expect(refusal()).toBeUndefined();
});

it('keeps nobody from the database itself', async () => {
  const claim = claimSqliteFile(path);
  const stores = await Promise.all([openSqliteStore({ path }), openSqliteStore({ path })]);
  for (const store of stores) await store.migrate();
  for (const store of stores) expect(await store.getJob('a')).toBeNull();
  for (const store of stores) await store.close();
  claim.release();
});

it('ends with the process that has it, even one that was killed', async () => {
  const script = `
    import { claimSqliteFile } from ${JSON.stringify(new URL('claim.ts', import.meta.url).href)};
    claimSqliteFile(process.argv[1]);
    process.stdout.write('claimed');
    setInterval(() => {}, 1_000);`;
  const args = ['--conditions=x-source', '--input-type=module-typescript', '-e', script, path];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  expect(refusal()).toMatchObject({ retryable: false });
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(refusal()).toBeUndefined();
});

it('is not needed for what is in memory', async () => {
  claimSqliteFile(':memory:').release();
  expect(await readdir(folder)).toEqual([]);
});
