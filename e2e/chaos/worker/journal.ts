import { closeSync, fdatasync, openSync, write } from 'node:fs';
import { promisify } from 'node:util';
import type { Entry } from './plan.ts';

const writeFile = promisify(write) as (fd: number, data: string) => Promise<unknown>;
const sync = promisify(fdatasync);

/** An append-only file: what is written is on disk when the promise resolves. Entries of one moment share a sync. */
export class Journal {
  readonly #fd: number;
  #waiting: { line: string; done: () => void; failed: (error: unknown) => void }[] = [];
  #running: Promise<void> | undefined;

  constructor(file: string) {
    this.#fd = openSync(file, 'a');
    // Whoever wrote here before may have been killed in the middle of a line.
    this.#waiting.push({ line: '\n', done: () => {}, failed: () => {} });
  }

  write(entry: Entry): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ line: `${JSON.stringify(entry)}\n`, done, failed });
      this.#running ??= this.#run();
    });
  }

  async close(): Promise<void> {
    await this.#running;
    closeSync(this.#fd);
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await writeFile(this.#fd, batch.map(({ line }) => line).join(''));
        await sync(this.#fd);
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#running = undefined;
  }
}
