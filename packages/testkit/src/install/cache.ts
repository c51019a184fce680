import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Where fetched servers are kept, outside the project so that several clones share them:
 * SIMPLE_SCHEDULER_CACHE, else `simple-scheduler` in the user's cache folder.
 */
function cacheFolder(): string {
  const own = process.env['SIMPLE_SCHEDULER_CACHE'];
  if (own) return own;
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'simple-scheduler');
}

/**
 * The folder `name` of the cache, filled by `fill` when it is not there yet. It appears whole or not at all, and is filled
 * once however many processes ask for it at the same time. `fill` gets an empty folder and whatever it throws is passed on.
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (await exists(folder)) return folder;
  return withLock(name, async () => {
    if (await exists(folder)) return folder;
    const unfinished = `${folder}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    await fill(unfinished);
    await rename(unfinished, folder);
    return folder;
  });
}

/** Runs `work` while no other process of this user works under the same name. A lock whose holder is dead is taken over. */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  await mkdir(cacheFolder(), { recursive: true });
  const lock = join(cacheFolder(), `${name}.lock`);
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (await isAbandoned(lock)) await rm(lock, { force: true });
      else await sleep(200);
    }
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function isAbandoned(lock: string): Promise<boolean> {
  const text = await readFile(lock, 'utf8').catch(() => undefined);
  if (text === undefined) return false; // just released: try again
  // Between its creation and its first write a lock is empty; only one that stays so was left by a crash.
  if (text === '')
    return stat(lock).then(
      (s) => Date.now() - s.mtimeMs > 10_000,
      () => false,
    );
  try {
    process.kill(Number(text), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
