import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endWithMe, hasEnded } from '@simple-scheduler/testkit';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LINES_KEPT = 2_000;

export interface Spawned {
  readonly name: string;
  readonly child: ChildProcess;
  /** Lines of standard output and error, the oldest dropped past a bound. */
  readonly lines: string[];
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  /** Resolves with the first line that matches, also one that was printed before; rejects when the process ends first. */
  line(matches: (line: string) => boolean, timeoutMs?: number): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | string>;
  /** kill -9. */
  kill(): Promise<void>;
}

/** Starts a process of ours in a group of its own; it ends with the test run, however that ends. */
export function start(
  name: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd = '/',
): Spawned {
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${name} did not start`);
  endWithMe(pid);
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > LINES_KEPT) lines.shift();
      for (const listener of listeners) listener(line);
    });
  }
  const ended = new Promise<number | string>((resolve) => {
    child.once('exit', () => hasEnded(pid));
    // Not before its last words have been read.
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'ended'));
  });
  const signal = (what: NodeJS.Signals): void => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-pid, what);
  };
  const line: Spawned['line'] = (matches, timeoutMs = 30_000) => {
    const known = lines.find(matches);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        listeners.delete(listener);
        settle();
      };
      const tail = (): string => lines.slice(-15).join('\n');
      const timer = setTimeout(
        () => finish(() => reject(new Error(`${name} did not say it in ${timeoutMs} ms:\n${tail()}`))),
        timeoutMs,
      );
      const listener = (text: string): void => {
        if (matches(text)) finish(() => resolve(text));
      };
      listeners.add(listener);
      void ended.then((code) => finish(() => reject(new Error(`${name} ended (${code}):\n${tail()}`))));
    });
  };
  return {
    name,
    child,
    lines,
    ended,
    line,
    signal,
    stop: () => {
      signal('SIGTERM');
      return ended;
    },
    kill: async () => {
      signal('SIGKILL');
      await ended;
    },
  };
}

export type ServiceName = 'scheduler' | 'custodian' | 'api';

/** A built service, whether or not it gets so far as to serve. */
export function spawnService(name: ServiceName, env: Record<string, string>): Spawned {
  return start(name, process.execPath, [`${ROOT}services/${name}/dist/main.js`], { ...cleanEnv(), ...env });
}

/** A built service, ready to serve. */
export async function startService(name: ServiceName, env: Record<string, string>): Promise<Spawned> {
  const service = spawnService(name, env);
  await service.line((line) => line.includes('"msg":"ready"'), 60_000);
  return service;
}

/** Runs the built command line to its end. */
export async function cli(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number | string; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [`${ROOT}services/cli/dist/main.js`, ...args], {
    cwd: '/',
    env: { ...cleanEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | string>((resolve) =>
    child.once('close', (c, s) => resolve(c ?? s ?? 'ended')),
  );
  return { code, stdout, stderr };
}

/** This process's environment without any setting of the product. */
export function cleanEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('SIMPLE_SCHEDULER_')));
}
