import { rmSync } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

/** Older than this, a lock was left behind by a process that was killed: an issuer is given 10 s to answer. */
const STALE_MS = 30_000;
const POLL_MS = 50;

/** Runs `act` while this process alone holds the lock file at `path`; its folder must be there. */
export async function whileHolding<T>(path: string, act: () => Promise<T>): Promise<T> {
  while (!(await taken(path))) {
    if (await isStale(path)) await rm(path, { force: true });
    else await wait(POLL_MS);
  }
  const stopClearing = clearOnSignal(path);
  try {
    return await act();
  } finally {
    stopClearing();
    await rm(path, { force: true });
  }
}

async function taken(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > STALE_MS;
  } catch {
    return false; // gone in the meantime: try again
  }
}

/** Ctrl-C ends the process at once, and the next one is not to wait for a lock that nobody holds. */
function clearOnSignal(path: string): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (): void => signals.forEach((signal) => process.off(signal, end));
  const end = (signal: NodeJS.Signals): void => {
    stop();
    rmSync(path, { force: true });
    process.kill(process.pid, signal); // as if nobody had listened
  };
  for (const signal of signals) process.on(signal, end);
  return stop;
}
