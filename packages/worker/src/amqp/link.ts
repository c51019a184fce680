import { connect, credentials, type ChannelModel, type SocketOptions } from 'amqplib';
import { reasonOf, type WorkerLog } from '../log.ts';
import type { TransportState } from '../transport.ts';
import { backoffMs, pause, settlesWithin } from '../waiting.ts';
import { parseAddress, type Address } from './address.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 1_000;
const RECONNECT = { firstMs: 200, maxMs: 10_000 };
/** A connection that lasted this long was one; what ends sooner counts as a failed try. */
const STABLE_MS = 15_000;

export interface LinkOptions {
  readonly url: string;
  /** Shown by the broker. */
  readonly connectionName: string;
  readonly log: WorkerLog;
}

/** The one connection of a worker, made again for ever. */
export class Link {
  readonly #address: Address;
  readonly #connectionName: string;
  readonly #log: WorkerLog;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<(state: TransportState) => void>();
  #model: ChannelModel | undefined;
  #up: PromiseWithResolvers<ChannelModel> = Promise.withResolvers();
  #state: TransportState = 'connecting';
  #life: Promise<void> | undefined;
  /** Ends the socket of the current try, or connection, whatever state that is in. */
  #socket = new AbortController();

  constructor({ url, connectionName, log }: LinkOptions) {
    this.#address = parseAddress(url);
    this.#connectionName = connectionName;
    this.#log = log;
    this.#up.promise.catch(() => {}); // also where nobody waits when it is closed
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Aborted when the link is closed for good. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** The connection, while there is one. */
  get model(): ChannelModel | undefined {
    return this.#model;
  }

  /** The connection, as soon as there is one; rejects when closed. */
  whenUp(): Promise<ChannelModel> {
    return this.#up.promise;
  }

  onStateChange(listener: (state: TransportState) => void): void {
    this.#listeners.add(listener);
  }

  start(): void {
    if (!this.isClosed) this.#life ??= this.#live();
  }

  async close(): Promise<void> {
    if (!this.isClosed) {
      this.#closing.abort();
      this.#up.reject(new Error('The transport is closed'));
      if (this.#model === undefined) this.#socket.abort();
      else this.#model.close().catch(() => {});
      this.#become('closed');
    }
    if (this.#life === undefined || (await settlesWithin(this.#life, CLOSE_TIMEOUT_MS))) return;
    this.#socket.abort(); // the broker does not answer: leave without its leave
    await this.#life;
  }

  async #live(): Promise<void> {
    let failures = 0;
    while (!this.isClosed) {
      const startedAt = performance.now();
      const reason = await this.#connectOnce();
      if (this.isClosed) return;
      failures = performance.now() - startedAt > STABLE_MS ? 1 : failures + 1;
      const delayMs = backoffMs(failures, RECONNECT);
      this.#log.warn({ broker: this.#address.shown, reason, delayMs }, 'not connected to RabbitMQ; trying again');
      await pause(delayMs, this.closing);
    }
  }

  /** Connects and stays until that ends; returns why it did. */
  async #connectOnce(): Promise<string> {
    const socket = new AbortController();
    this.#socket = socket;
    try {
      const options: SocketOptions & { signal: AbortSignal } = {
        timeout: CONNECT_TIMEOUT_MS,
        noDelay: true,
        keepAlive: true,
        clientProperties: { connection_name: this.#connectionName },
        credentials: credentials.plain(this.#address.user, this.#address.password),
        signal: socket.signal,
      };
      return await this.#use(await connect(this.#address.url, options));
    } catch (error) {
      return whyNot(error);
    } finally {
      // A peer that went silently never answers the end of the stream: do not keep its socket, or the process, for that.
      setTimeout(() => socket.abort(), CLOSE_TIMEOUT_MS).unref();
    }
  }

  async #use(model: ChannelModel): Promise<string> {
    const ended = Promise.withResolvers<string>();
    let reason: string | undefined;
    model.on('error', (error) => {
      reason = reasonOf(error);
    });
    model.on('close', (error) => ended.resolve(reason ?? (error === undefined ? 'closed' : reasonOf(error))));
    model.on('blocked', (why) => {
      this.#log.warn({ broker: this.#address.shown, reason: why }, 'RabbitMQ takes no messages for now');
      this.#become('blocked');
    });
    model.on('unblocked', () => this.#become('connected'));
    if (this.isClosed) {
      await settlesWithin(model.close(), CLOSE_TIMEOUT_MS);
      return 'closed';
    }
    this.#model = model;
    this.#log.info({ broker: this.#address.shown }, 'connected to RabbitMQ');
    this.#become('connected');
    this.#up.resolve(model);
    try {
      return await ended.promise;
    } finally {
      this.#model = undefined;
      if (!this.isClosed) {
        this.#up = Promise.withResolvers();
        this.#up.promise.catch(() => {});
        this.#become('connecting');
      }
    }
  }

  #become(state: TransportState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

/** amqplib keeps to itself what the broker says of a virtual host that it refuses. */
function whyNot(error: unknown): string {
  const reason = reasonOf(error);
  if (!reason.startsWith('Expected ConnectionOpenOk')) return reason;
  return 'the virtual host does not exist, or the user has no rights in it';
}
