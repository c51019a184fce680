import type { Channel, ChannelModel } from 'amqplib';
import { reasonOf, type WorkerLog } from '../log.ts';
import { backoffMs, pause } from '../waiting.ts';
import { UnroutableError } from '../transport.ts';
import type { Link } from './link.ts';

const REOPEN = { firstMs: 100, maxMs: 15_000 };
const STABLE_MS = 5_000;

export interface ChannelPlan<C extends Channel> {
  /** For logs. */
  readonly purpose: string;
  readonly open: (model: ChannelModel) => Promise<C>;
  /** Runs on every new channel; the channel counts as open when it has resolved. */
  readonly setUp: (channel: C) => Promise<void>;
  /** The broker's reason, where it closed the channel for one; before `whenOpen` waits again. */
  readonly onError?: (error: Error) => void;
}

/**
 * A channel that is opened and set up again, with growing pauses, whenever it ends: with its connection, or alone,
 * because the broker refused something. One per purpose, so that a refusal for one queue disturbs no other.
 */
export class StandingChannel<C extends Channel> {
  readonly #link: Link;
  readonly #plan: ChannelPlan<C>;
  readonly #log: WorkerLog;
  #open: PromiseWithResolvers<C> = Promise.withResolvers();
  #channel: C | undefined;

  constructor(link: Link, plan: ChannelPlan<C>, log: WorkerLog) {
    this.#link = link;
    this.#plan = plan;
    this.#log = log;
    this.#open.promise.catch(() => {});
    void this.#live();
  }

  /** The channel, while it is set up. */
  get channel(): C | undefined {
    return this.#channel;
  }

  /** The channel, as soon as it is set up; rejects when the link is closed. */
  whenOpen(): Promise<C> {
    return this.#open.promise;
  }

  async #live(): Promise<void> {
    let failures = 0;
    for (;;) {
      const model = await this.#link.whenUp().catch(() => undefined);
      if (model === undefined) break;
      const startedAt = performance.now();
      const reason = await this.#useOne(model);
      if (this.#link.isClosed) break;
      if (this.#link.model !== model) continue; // it ended with its connection
      failures = performance.now() - startedAt > STABLE_MS ? 1 : failures + 1;
      const delayMs = backoffMs(failures, REOPEN);
      // Without an error it was we who closed it; and a deleted job may stay away for ever: nothing to worry anybody with.
      const level = reason === undefined || reason instanceof UnroutableError ? 'debug' : 'warn';
      this.#log[level]({ channel: this.#plan.purpose, reason: reasonOf(reason), delayMs }, 'opening a channel again');
      await pause(delayMs, this.#link.closing);
    }
    this.#open.reject(new Error('The transport is closed'));
  }

  /** Resolves when the channel has ended, with the error that ended it, if one did. */
  async #useOne(model: ChannelModel): Promise<unknown> {
    let reason: unknown;
    try {
      const channel = await this.#plan.open(model);
      const ended = Promise.withResolvers<void>();
      channel.on('error', (error) => {
        reason = error;
        this.#plan.onError?.(error);
      });
      channel.on('close', () => ended.resolve());
      channel.on('handler-error', (error) => {
        this.#log.error({ channel: this.#plan.purpose, reason: reasonOf(error) }, 'a message handler threw');
      });
      try {
        await this.#plan.setUp(channel);
      } catch (error) {
        channel.close().catch(() => {});
        throw error;
      }
      this.#channel = channel;
      this.#open.resolve(channel);
      await ended.promise;
      return reason;
    } catch (error) {
      return error;
    } finally {
      if (this.#channel !== undefined) {
        this.#channel = undefined;
        this.#open = Promise.withResolvers();
        this.#open.promise.catch(() => {});
      }
    }
  }
}
