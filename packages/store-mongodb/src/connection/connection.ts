import { type Log, StoreUnavailableError } from '@simple-scheduler/engine';
import type { Db, MongoClient } from 'mongodb';
import { toStoreError } from './errors.ts';
import type { Redact } from './redact.ts';

/** One call of a Store method. */
export interface Call {
  /** True once the caller was told that the database did not answer in time; work that goes on should end. */
  isLate(): boolean;
}

export interface ConnectionOptions {
  readonly client: MongoClient;
  readonly dbName: string;
  /** No call takes longer. */
  readonly timeoutMs: number;
  readonly redact: Redact;
  readonly log: Log | undefined;
}

/**
 * A client that connects with the first call and is never given up: after a first connect that failed the driver stays
 * closed until it is told to connect again, so every call does so (it costs nothing while connected). From then on the
 * driver reconnects by itself.
 *
 * The driver limits each stage of an operation (finding a server, waiting for a connection, the command on the server, the
 * socket), not their sum, and has no limit for several commands together; the deadline here is what callers can rely on.
 */
export class Connection {
  readonly db: Db;
  readonly log: Log | undefined;
  /** For every command: the server gives up when nobody waits any more. */
  readonly limits: { readonly maxTimeMS: number };
  /** For queries whose documents are read from their bytes. */
  readonly limitsOfRaw: { readonly maxTimeMS: number; readonly raw: true };
  readonly #options: ConnectionOptions;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.db = options.client.db(options.dbName);
    this.log = options.log;
    this.limits = { maxTimeMS: options.timeoutMs };
    this.limitsOfRaw = { ...this.limits, raw: true };
  }

  /** @throws StoreUnavailableError when the database can't be reached or does not answer in time. */
  async call<T>(work: (call: Call) => Promise<T>): Promise<T> {
    const { client, timeoutMs } = this.#options;
    if (this.#closed) throw new StoreUnavailableError('MongoDB is not available: this store is closed');
    let late = false;
    const perform = async (): Promise<T> => {
      await client.connect();
      return work({ isLate: () => late });
    };
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        late = true;
        reject(new StoreUnavailableError(`MongoDB is not available: no answer within ${timeoutMs} ms`));
      }, timeoutMs);
    });
    try {
      return await Promise.race([perform(), deadline]);
    } catch (error) {
      throw this.explain(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** What to raise for an error of the driver. */
  explain(error: unknown): unknown {
    return toStoreError(error, this.#options.redact);
  }

  /** Safe twice, and where nothing was ever connected. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#options.client.close();
  }
}
