import { type ChildProcess, spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithMe, hasEnded } from '@simple-scheduler/testkit';

export const root: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly timeLimitMs: number;
}

/**
 * Runs a command of the project to its end and returns its exit code, null when it had to be ended. Whatever it started and
 * left behind ends with it, and it ends with this process, however that ends.
 */
export async function runCommand({ command, args, env = {}, timeLimitMs }: Command): Promise<number | null> {
  const path = [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }), PATH: path, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const pid = child.pid;
  if (pid === undefined) return failedStart(child);
  endWithMe(pid);
  const late = setTimeout(() => {
    console.error(`${command} took longer than ${timeLimitMs / 1000} s and is ended`);
    endGroup(pid);
  }, timeLimitMs);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearTimeout(late);
  endGroup(pid);
  hasEnded(pid);
  return code;
}

function failedStart(child: ChildProcess): Promise<null> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(error.message);
      resolve(null);
    });
  });
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing was left of it.
  }
}
