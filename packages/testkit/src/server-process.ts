import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dropGroup, ownGroup } from './guard.ts';
import { waitFor } from './wait-for.ts';

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Whom it runs as, for servers that refuse to be root; only root may ask for it. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Standard output and error are appended here; its end is shown when a start fails. */
  readonly logFile: string;
  /** True, or a promise of it, once the server answers; throwing means "not yet". */
  readonly ready: () => boolean | Promise<boolean>;
  readonly readyTimeoutMs: number;
  /** Asks it to end in good order; SIGTERM unless told. */
  readonly stopSignal?: NodeJS.Signals;
  /** How long it may take to end after that before its group is killed. */
  readonly stopTimeoutMs: number;
}

/** One server in a process group of its own, that may be started and ended again and again on the same data. */
export class ServerProcess {
  readonly #spec: ProcessSpec;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(spec: ProcessSpec) {
    this.#spec = spec;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the server answers. Does nothing while it runs. */
  async start(): Promise<void> {
    if (this.#child !== undefined) return;
    const { name, command, args, env, cwd, user = {}, logFile, ready, readyTimeoutMs } = this.#spec;
    const log = openSync(logFile, 'a');
    const options = { detached: true, env: env ?? process.env, cwd, ...user };
    const child = spawn(command, args, { ...options, stdio: ['ignore', log, log] });
    closeSync(log);
    child.unref(); // a program that forgets a server may still end; the guard ends the server after it
    const pid = child.pid;
    let spawnError: Error | undefined;
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        if (this.#child === child) this.#child = undefined;
        if (pid !== undefined) dropGroup(pid);
        resolve();
      };
      child.once('exit', end);
      child.once('error', (error) => {
        spawnError = error;
        end();
      });
    });
    if (pid !== undefined) ownGroup(pid);
    this.#child = child;
    try {
      await waitFor(() => this.#child !== child || ready(), {
        timeoutMs: readyTimeoutMs,
        message: `${name} to answer`,
      });
      if (this.#child !== child) throw spawnError ?? new Error(`${name} ended before it answered`);
    } catch (error) {
      await this.kill();
      const tail = (await readFile(logFile, 'utf8').catch(() => '')).trim().split('\n').slice(-20).join('\n');
      throw new Error(`${(error as Error).message}. The end of its output:\n${tail}`, { cause: error });
    }
  }

  /** SIGTERM (or what the server takes instead), then SIGKILL to the whole group for one that does not end in time. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    child.ref();
    child.kill(this.#spec.stopSignal ?? 'SIGTERM');
    const late = setTimeout(() => this.#signalGroup('SIGKILL'), this.#spec.stopTimeoutMs);
    await this.#ended;
    clearTimeout(late);
  }

  /** kill -9 of the whole group. */
  async kill(): Promise<void> {
    this.#child?.ref();
    this.#signalGroup('SIGKILL');
    await this.#ended;
  }

  /** Resolves when it has really stopped: on a busy machine its threads go on for some milliseconds after the signal. */
  async pause(): Promise<void> {
    const pid = this.pid;
    this.#signalGroup('SIGSTOP');
    if (pid !== undefined)
      await waitFor(() => isStopped(pid), { intervalMs: 1, message: `${this.#spec.name} to stop` });
  }

  unpause(): void {
    this.#signalGroup('SIGCONT');
  }

  #signalGroup(signal: NodeJS.Signals): void {
    if (this.#child?.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Says so of every process where there is no /proc to look it up. */
async function isStopped(pid: number): Promise<boolean> {
  const folder = `/proc/${pid}/task`;
  const threads = await readdir(folder).catch(() => []);
  const states = await Promise.all(
    threads.map((thread) => readFile(`${folder}/${thread}/stat`, 'utf8').catch(() => ') T')),
  );
  // The name, in parentheses, may hold anything; the state follows it.
  return states.every((stat) => stat.slice(stat.lastIndexOf(')') + 2).startsWith('T'));
}
