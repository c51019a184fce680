import { createWriteStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { waitFor } from '@simple-scheduler/testkit';
import type { Spawned } from '../../support/service.ts';

export type Role = 'scheduler' | 'custodian' | 'api' | 'worker';

export interface ActorPlan {
  readonly name: string;
  readonly role: Role;
  /** Its output is appended here. */
  readonly logFile: string;
  spawn(): Spawned;
}

/** A process of ours that is killed, stopped and started again. Its name stays, whatever process plays it. */
export class Actor {
  readonly name: string;
  readonly role: Role;
  /** Ends that nobody asked for. */
  readonly unasked: string[] = [];
  readonly #plan: ActorPlan;
  #process: Spawned | undefined;
  #isEnding = false;

  constructor(plan: ActorPlan) {
    this.name = plan.name;
    this.role = plan.role;
    this.#plan = plan;
  }

  /** Resolves when it serves, however long it has to wait for its servers; rejects past `readyMs`. */
  async start(readyMs = 120_000): Promise<void> {
    if (this.#process !== undefined) return;
    const spawned = this.#plan.spawn();
    this.#process = spawned;
    this.#isEnding = false;
    const log = createWriteStream(this.#plan.logFile, { flags: 'a' });
    for (const stream of [spawned.child.stdout, spawned.child.stderr])
      stream?.on('data', (chunk: Buffer) => log.write(chunk));
    void spawned.ended.then((how) => {
      log.end();
      if (!this.#isEnding && this.#process === spawned)
        this.unasked.push(`${this.name} ended by itself (${how}): ${spawned.lines.slice(-3).join(' | ')}`);
      if (this.#process === spawned) this.#process = undefined;
    });
    await spawned.line((line) => line.includes('"msg":"ready"'), readyMs);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.#isEnding = true;
    await this.#process?.kill();
  }

  /** SIGSTOP; resolves when it really stands still. */
  async pause(): Promise<void> {
    this.#process?.signal('SIGSTOP');
    await waitFor(() => this.#standsStill(), { intervalMs: 5, message: `${this.name} to stand still` });
  }

  resume(): void {
    this.#process?.signal('SIGCONT');
  }

  /** SIGTERM; gives the exit code, or what ended it. */
  async stop(): Promise<number | string | undefined> {
    this.#isEnding = true;
    return this.#process?.stop();
  }

  /** Where there is no /proc to look it up, it is believed. */
  async #standsStill(): Promise<boolean> {
    const folder = `/proc/${this.#process?.child.pid}/task`;
    const threads = await readdir(folder).catch(() => []);
    const states = await Promise.all(threads.map((id) => readFile(`${folder}/${id}/stat`, 'utf8').catch(() => ') T')));
    return states.every((stat) => stat.slice(stat.lastIndexOf(')') + 2).startsWith('T'));
  }
}
