import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreUnavailableError } from '@simple-scheduler/engine';

/**
 * Makes the file, and its folder, for their owner only where they are missing. One that is there is not opened: to close
 * it again would end the locks that this process has on it through SQLite.
 */
export function createPrivately(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw new StoreUnavailableError(`SQLite store ${path} cannot be made: ${(error as Error).message}`, error);
  }
}
