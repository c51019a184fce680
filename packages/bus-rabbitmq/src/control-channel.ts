import { type ControlMessage, controlMessageSchema, SHARED_NAMES } from '@simple-scheduler/contracts';
import type { Consumption } from '@simple-scheduler/engine';
import type { Channel } from 'amqplib';
import { describeError } from './amqp-errors.ts';
import { declareShared } from './declarations.ts';
import { Lane } from './lane.ts';
import type { Link } from './link.ts';
import type { RabbitSettings } from './options.ts';
import type { SharedDeclarations } from './shared-declarations.ts';
import { Subscription } from './subscription.ts';

/** What services tell each other over a fanout exchange: hints, sent once, without confirms, heard by whoever is there. */
export class ControlChannel {
  readonly #consuming: Link;
  readonly #publishing: Link;
  readonly #lane: Lane;
  readonly #shared: SharedDeclarations;
  readonly #settings: RabbitSettings;

  constructor(links: { publishing: Link; consuming: Link }, shared: SharedDeclarations, settings: RabbitSettings) {
    this.#consuming = links.consuming;
    this.#publishing = links.publishing;
    this.#lane = new Lane(links.publishing, settings);
    this.#shared = shared;
    this.#settings = settings;
  }

  /** Never rejects. */
  async announce(message: ControlMessage): Promise<void> {
    if (this.#publishing.model === undefined || this.#publishing.isBlocked) return; // nobody could hear it in time
    try {
      const content = Buffer.from(JSON.stringify(message));
      await this.#lane.run(async (channel) => {
        await declareShared(channel, SHARED_NAMES.controlExchange); // without confirms nobody would tell that it is gone
        channel.publish(SHARED_NAMES.controlExchange, '', content, { contentType: 'application/json' });
      });
    } catch (error) {
      this.#settings.log.debug({ reason: describeError(error), type: message.type }, 'an announcement was not sent');
    }
  }

  /** Resolves once the broker has what was announced, as far as it takes it. */
  async close(): Promise<void> {
    await this.#lane.close();
  }

  /** Listens on a queue of its own, which goes with the connection. */
  async listen(handler: (message: ControlMessage) => void): Promise<Consumption> {
    const subscription = new Subscription(this.#consuming, this.#settings, {
      what: SHARED_NAMES.controlExchange,
      prepare: (channel) => this.#declareQueue(channel),
      options: () => ({ noAck: true }),
      onMessage: ({ content }) => this.#hear(content, handler),
      onLost: () => {},
    });
    await subscription.firstAttempt();
    return { stop: () => subscription.close() };
  }

  async #declareQueue(channel: Channel): Promise<string> {
    this.#shared.forget(SHARED_NAMES.controlExchange);
    await this.#shared.ensure(SHARED_NAMES.controlExchange);
    const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true, durable: false });
    await channel.bindQueue(queue, SHARED_NAMES.controlExchange, '');
    return queue;
  }

  #hear(content: Buffer, handler: (message: ControlMessage) => void): void {
    try {
      handler(controlMessageSchema.parse(JSON.parse(content.toString())));
    } catch (error) {
      this.#settings.log.warn({ reason: describeError(error) }, 'an announcement could not be heard');
    }
  }
}
