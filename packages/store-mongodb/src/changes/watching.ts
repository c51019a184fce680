import type { ChangeStream } from 'mongodb';
import type { Database } from '../database.ts';
import { type ChangeEvent, PIPELINE } from './change-events.ts';

const EVENTS_MAX = 1_000;

export interface EventBatch {
  readonly events: readonly ChangeEvent[];
  readonly cursor: string;
}

/** The server has ended the stream for good: the database was dropped, and what comes after that is another one's. */
export class StreamEndedError extends Error {}

/** A change stream of the database, read in batches. */
export class Watching {
  readonly #stream: ChangeStream;
  /** Asked for, and not here yet. */
  #next: Promise<ChangeEvent | null> | undefined;
  /** Resolves where the server has opened the stream and there was nothing in it. Undefined once something was read. */
  #openedEmpty: Promise<null> | undefined;

  constructor({ connection }: Database, after: string | undefined) {
    this.#stream = connection.db.watch(PIPELINE, {
      ...(after === undefined ? {} : { resumeAfter: { _data: after } }),
      batchSize: EVENTS_MAX,
      // What a fail-over could undo is never told.
      readConcern: { level: 'majority' },
    });
    // The token moves when the stream is opened, or with a change, which is then handed out before the loop turns.
    this.#openedEmpty = new Promise((resolve) =>
      this.#stream.once('resumeTokenChanged', () => setImmediate(resolve, null)),
    );
  }

  /**
   * What has come; without any after a second in which nothing did. The first one comes at once.
   * @throws StreamEndedError once all was read of a stream that has an end
   */
  async read(): Promise<EventBatch> {
    const first = await this.#first();
    // The driver answers at once, and the same again and again, where there will never be anything.
    if (first === null && this.#stream.closed) throw new StreamEndedError('the database was dropped');
    if (first === null) return { events: [], cursor: (this.#stream.resumeToken as ChangeEvent['_id'])._data };
    const events = [first];
    // The driver hands out what it holds without a turn of the loop, so whatever takes one is not there yet.
    const turn = new Promise<'turn'>((resolve) => setImmediate(resolve, 'turn'));
    while (events.length < EVENTS_MAX) {
      const next = await Promise.race([this.#ask(), turn]);
      if (next === 'turn') break;
      this.#next = undefined;
      if (next === null) break;
      events.push(next);
    }
    return { events, cursor: (events.at(-1) as ChangeEvent)._id._data };
  }

  close(): void {
    // Nobody waits for what was asked for, nor for the server to hear of the end.
    this.#next?.catch(() => {});
    void this.#stream.close().catch(() => {});
  }

  async #first(): Promise<ChangeEvent | null> {
    const asked = this.#ask();
    let here = false;
    const step = asked.finally(() => {
      here = true;
      this.#next = undefined;
    });
    const opened = this.#openedEmpty;
    this.#openedEmpty = undefined;
    if (opened === undefined) return await step;
    step.catch(() => {});
    const first = await Promise.race([step, opened]);
    return here ? await step : first;
  }

  #ask(): Promise<ChangeEvent | null> {
    this.#next ??= this.#stream.tryNext() as Promise<ChangeEvent | null>;
    return this.#next;
  }
}
