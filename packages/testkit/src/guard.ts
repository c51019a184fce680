import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export type GuardMessage =
  | { ownGroup: number }
  | { dropGroup: number }
  | { ownFolder: string }
  | { dropFolder: string };

let guard: Writable | undefined;

/** Starts the guard on first use. Neither it nor its pipe keeps this process alive. */
function tell(message: GuardMessage): void {
  if (guard === undefined) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const script = fileURLToPath(new URL(`./guard-process.${extension}`, import.meta.url));
    const child = spawn(process.execPath, [script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    child.unref();
    guard = child.stdin;
    guard.on('error', () => {}); // a guard that was ended from outside: nothing more to tell it
    (guard as Writable & { unref?: () => void }).unref?.();
  }
  guard.write(`${JSON.stringify(message)}\n`);
}

/** From now on the process group is ended with this process, whatever ends it. */
export function ownGroup(pid: number): void {
  tell({ ownGroup: pid });
}

/** The group has ended; its number may be given to somebody else. */
export function dropGroup(pid: number): void {
  tell({ dropGroup: pid });
}

/** A new private folder in the system's temporary one, removed at the latest with this process. */
export async function privateFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `simple-scheduler-${name}-`));
  tell({ ownFolder: folder });
  return folder;
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  tell({ dropFolder: folder });
}
