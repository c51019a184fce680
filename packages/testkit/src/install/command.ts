import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  /** Whom it runs as; only root may ask for it. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Runs a command to its end and returns what it printed. One that fails throws with the end of its output. */
export function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { timeoutMs = 600_000, ...rest } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...rest, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(output);
      const tail = `${output}\n${errors}`.trim().split('\n').slice(-15).join('\n');
      reject(new Error(`${[command, ...args].join(' ')} ended with ${signal ?? code}:\n${tail}`));
    });
  });
}

/** The full path of a command on PATH. */
export async function which(command: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, command);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
