import {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  connect,
  credentials,
  type SocketOptions,
} from 'amqplib';
import type { Address } from './address.ts';
import { describeError, NoAnswerError } from './amqp-errors.ts';
import { backoffMs } from './backoff.ts';
import { within } from './deadline.ts';
import type { RabbitSettings } from './options.ts';
import { Pause } from './pause.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;
const OPEN_CHANNEL_TIMEOUT_MS = 5_000;
/** Longer than an attempt that fails can take: what lasted this long was a connection, and the next attempt is an early one. */
const STABLE_MS = 15_000;
const FIRST_DELAY_MS = 100;
/** Different reasons that are told of one absence. */
const REASONS_MAX = 10;

/**
 * One connection that is made again for ever.
 *
 * amqplib 2 can recover connections by itself, and that is not used here, because it restores the connection only and
 * takes the decisions that matter away: channels are not restored, so that whoever uses them has to notice the loss
 * anyway; `setup` is where one would rebuild them, but an error in it (a refused declaration, for one) drops the
 * connection that is good and starts over; asking for a channel meanwhile waits without a limit; and a connection that
 * died silently leaves its socket open until the system gives it up. A loop of our own costs a page and knows all that.
 */
export class Link {
  readonly name: 'publishing' | 'consuming';
  readonly #address: Address;
  readonly #settings: RabbitSettings;
  readonly #listeners = new Set<() => void>();
  #model: ChannelModel | undefined;
  #isBlocked = false;
  #isClosed = false;
  #lastError: string | undefined;
  /** Why there has been no connection since the last one: a broker that is away for an hour is not told of a thousand times. */
  readonly #told = new Set<string>();
  readonly #pause = new Pause();
  #life: Promise<void> | undefined;

  constructor(name: 'publishing' | 'consuming', address: Address, settings: RabbitSettings) {
    this.name = name;
    this.#address = address;
    this.#settings = settings;
  }

  /** The connection, while there is one. */
  get model(): ChannelModel | undefined {
    return this.#model;
  }

  /** The broker has said that it reads nothing more from this connection for now. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Why there is no connection. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** Calls back whenever any of the above has changed. Returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins to connect; does nothing the second time. */
  start(): void {
    if (!this.#isClosed) this.#life ??= this.#live();
  }

  /** @throws NoAnswerError. The channel's number is taken before this returns. */
  async openChannel(): Promise<Channel> {
    return this.#open((model) => model.createChannel());
  }

  /** @throws NoAnswerError. The channel's number is taken before this returns. */
  async openConfirmChannel(): Promise<ConfirmChannel> {
    return this.#open((model) => model.createConfirmChannel());
  }

  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#pause.end();
      const model = this.#model;
      if (model !== undefined) await within(model.close(), CLOSE_TIMEOUT_MS, undefined).catch(() => {});
      this.#tell();
    }
    await within(this.#life ?? Promise.resolve(), CLOSE_TIMEOUT_MS, undefined);
  }

  /**
   * amqplib gives the number of a channel that the broker closed to the next one, and may send that one's opening before
   * all frames of the former are out. The broker never answers then, and the number is lost: only a new connection helps.
   */
  async #open<C>(create: (model: ChannelModel) => Promise<C>): Promise<C> {
    const model = this.#model;
    if (model === undefined) throw new NoAnswerError('not connected');
    const opening = create(model).then(
      (channel) => ({ channel }),
      (error: unknown) => {
        throw new NoAnswerError(describeError(error));
      },
    );
    let opened = await within(opening, OPEN_CHANNEL_TIMEOUT_MS, undefined);
    if (opened === undefined && this.#isBlocked) opened = await opening; // nothing is read for now
    if (opened !== undefined) return opened.channel;
    this.#settings.log.warn({ connection: this.name }, 'RabbitMQ opens no channel; connecting anew');
    model.close().catch(() => {});
    throw new NoAnswerError('no channel could be opened');
  }

  async #live(): Promise<void> {
    const { log, meter, random, reconnectDelayMaxMs: maxMs } = this.#settings;
    let failures = 0;
    while (!this.#isClosed) {
      const startedAt = performance.now();
      this.#lastError = await this.#connectOnce();
      if (this.#isClosed) return;
      if (performance.now() - startedAt > STABLE_MS) failures = 0;
      const delayMs = backoffMs(failures++, { firstMs: FIRST_DELAY_MS, maxMs }, random);
      meter.count('bus_connections_lost_total', 1, { connection: this.name });
      const fields = { broker: this.#address.shown, connection: this.name, reason: this.#lastError, delayMs };
      if (this.#isNew(this.#lastError)) log.warn(fields, 'not connected to RabbitMQ; trying again');
      else log.debug(fields, 'still not connected to RabbitMQ');
      await this.#pause.wait(delayMs);
    }
  }

  #isNew(reason: string): boolean {
    if (this.#told.has(reason) || this.#told.size >= REASONS_MAX) return false;
    this.#told.add(reason);
    return true;
  }

  /** Connects and stays until that ends; returns why it did. */
  async #connectOnce(): Promise<string> {
    const socket = new AbortController();
    try {
      const options: SocketOptions & { signal: AbortSignal } = {
        timeout: CONNECT_TIMEOUT_MS,
        noDelay: true,
        keepAlive: true,
        clientProperties: { connection_name: `${this.#settings.connectionName} (${this.name})` },
        credentials: credentials.plain(this.#address.user, this.#address.password),
        signal: socket.signal,
      };
      const model = await connect(this.#address.url, options);
      return await this.#use(model);
    } catch (error) {
      return describeError(error);
    } finally {
      // A peer that went silently never answers the end of the stream: its socket would stay for a quarter of an hour.
      setTimeout(() => socket.abort(), CLOSE_TIMEOUT_MS).unref();
    }
  }

  async #use(model: ChannelModel): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    let reason: string | undefined;
    model.on('error', (error) => {
      reason = describeError(error);
    });
    model.on('close', (error) => resolve(reason ?? (error === undefined ? 'closed' : describeError(error))));
    model.on('blocked', (why) => this.#setBlocked(true, why));
    model.on('unblocked', () => this.#setBlocked(false));
    model.on('handler-error', (error, event) => {
      this.#settings.log.error({ reason: describeError(error), event }, 'a handler of the RabbitMQ connection threw');
    });
    if (this.#isClosed) {
      await within(model.close(), CLOSE_TIMEOUT_MS, undefined);
      return 'closed';
    }
    this.#model = model;
    this.#lastError = undefined;
    this.#told.clear();
    this.#settings.log.info({ broker: this.#address.shown, connection: this.name }, 'connected to RabbitMQ');
    this.#tell();
    try {
      return await promise;
    } finally {
      this.#model = undefined;
      this.#isBlocked = false;
      this.#tell();
    }
  }

  #setBlocked(isBlocked: boolean, why?: string): void {
    if (this.#isBlocked === isBlocked) return;
    this.#isBlocked = isBlocked;
    const fields = { broker: this.#address.shown, connection: this.name, reason: why };
    if (isBlocked) this.#settings.log.warn(fields, 'RabbitMQ takes no messages for now');
    else this.#settings.log.info(fields, 'RabbitMQ takes messages again');
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
