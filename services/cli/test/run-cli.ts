import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export interface Outcome {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunningCli {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly outcome: Promise<Outcome>;
  /** What standard error has told, once it matches. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
}

/** The real program, in a process of its own, with a configuration folder of its own. */
export interface CliUnderTest extends AsyncDisposable {
  readonly folder: string;
  start(args: readonly string[], env?: Record<string, string>): RunningCli;
  run(args: readonly string[], options?: { env?: Record<string, string>; input?: string }): Promise<Outcome>;
}

/** No test may leave anything in the keychain of whoever runs it. */
const KEPT_IN_FILE = { SIMPLE_SCHEDULER_CREDENTIALS: 'file' };

/** Nothing of the environment of whoever runs the tests reaches the program, but what it needs to start. */
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot'];

export async function cliUnderTest(baseEnv: Record<string, string> = {}): Promise<CliUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'simple-scheduler-cli-'));
  const start: CliUnderTest['start'] = (args, env = {}) => {
    const inherited = Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]]));
    const child = spawn(process.execPath, ['--conditions=x-source', MAIN, ...args], {
      env: { ...inherited, ...KEPT_IN_FILE, SIMPLE_SCHEDULER_CONFIG_DIR: join(folder, 'config'), ...baseEnv, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    return follow(child);
  };
  return {
    folder,
    start,
    run: async (args, { env, input } = {}) => {
      const running = start(args, env);
      running.process.stdin.end(input ?? '');
      return running.outcome;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function follow(child: RunningCli['process']): RunningCli {
  let out = '';
  let err = '';
  let heard = (): void => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    heard();
  });
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      heard = () => {
        const match = pattern.exec(err);
        if (match !== null) resolve(match);
      };
      heard();
      outcome.then(({ code }) => reject(new Error(`ended with ${code} before it said ${pattern}: ${err}`)), reject);
    });
  return { process: child, outcome, said };
}
