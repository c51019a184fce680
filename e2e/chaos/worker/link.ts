import { type Channel, type ChannelModel, type ConfirmChannel, connect, type ConsumeMessage } from 'amqplib';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Delivery {
  readonly body: unknown;
  readonly redelivered: boolean;
  readonly queue: 'work' | 'own';
  /** Without effect once the connection is gone: the broker delivers it again. */
  ack(): void;
}

export interface LinkOptions {
  readonly url: string;
  /** `job.N`, `queue.Q`: see the contract. */
  readonly topologies: readonly string[];
  readonly onDelivery: (delivery: Delivery) => void;
  /** Called once: everything is subscribed for the first time. */
  readonly onReady: () => void;
}

/** Channels side by side: each declares and consumes its share of the queues, one request at a time. */
const CHANNELS = 4;
const PREFETCH = 30;
const HEARTBEAT_SECONDS = 4;
const CONNECT_TIMEOUT_MS = 5_000;
const PAUSE_MS = 300;

/** A connection that is made again for ever, as anyone would write it who knows amqplib and nothing else. */
export class Link {
  readonly #options: LinkOptions;
  #publishing: ConfirmChannel | undefined;
  #published = 0;
  readonly #returned = new Set<string>();
  #isReady = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  async live(): Promise<never> {
    for (;;) {
      await this.#once().catch(() => undefined);
      await sleep(PAUSE_MS);
    }
  }

  /** Sends until the broker has confirmed it and has put it into a queue. */
  async send(exchange: string, routingKey: string, body: object): Promise<void> {
    while (!(await this.trySend(exchange, routingKey, body))) await sleep(PAUSE_MS);
  }

  /** Tells whether the broker has confirmed it. */
  async trySend(exchange: string, routingKey: string, body: object): Promise<boolean> {
    const channel = this.#publishing;
    if (channel === undefined) return false;
    this.#published += 1;
    const messageId = String(this.#published);
    const content = Buffer.from(JSON.stringify(body));
    const confirmed = await new Promise<boolean>((resolve) => {
      try {
        channel.publish(exchange, routingKey, content, { persistent: true, mandatory: true, messageId }, (error) =>
          resolve(error === null),
        );
      } catch {
        resolve(false); // the channel is closed
      }
    });
    return confirmed && !this.#returned.delete(messageId);
  }

  async #once(): Promise<void> {
    const { url, topologies, onReady } = this.#options;
    const connection = await connect(`${url}?heartbeat=${HEARTBEAT_SECONDS}`, { timeout: CONNECT_TIMEOUT_MS });
    connection.on('error', () => {}); // `close` follows
    const closed = new Promise<void>((resolve) => connection.once('close', () => resolve()));
    try {
      await Promise.race([closed, this.#subscribe(connection, topologies)]);
      if (!this.#isReady && this.#publishing !== undefined) {
        this.#isReady = true;
        onReady();
      }
      await closed;
    } finally {
      this.#publishing = undefined;
      connection.close().catch(() => {});
    }
  }

  async #subscribe(connection: ChannelModel, topologies: readonly string[]): Promise<void> {
    const publishing = await connection.createConfirmChannel();
    watch(publishing, connection);
    publishing.on('return', (message) => this.#returned.add(String(message.properties.messageId)));
    const shares = Array.from({ length: CHANNELS }, (_, share) => topologies.filter((_t, i) => i % CHANNELS === share));
    const own = await connection.createChannel();
    watch(own, connection);
    const { queue: ownQueue } = await own.assertQueue('', { exclusive: true, autoDelete: true });
    await Promise.all([
      this.#hearCancels(own, ownQueue, topologies),
      ...shares.map(async (share) => {
        const channel = await connection.createChannel();
        watch(channel, connection);
        await channel.prefetch(PREFETCH, true);
        for (const topology of share) await this.#consume(channel, topology);
      }),
    ]);
    this.#publishing = publishing;
  }

  async #hearCancels(channel: Channel, queue: string, topologies: readonly string[]): Promise<void> {
    await this.#deliver(channel, queue, 'own');
    for (const topology of topologies) {
      await channel.assertExchange(`scheduler.${topology}.action`, 'topic', { durable: true });
      await channel.bindQueue(queue, `scheduler.${topology}.action`, 'cancel');
    }
  }

  async #consume(channel: Channel, topology: string): Promise<void> {
    const queue = `scheduler.${topology}.action`;
    if (!this.#isReady) {
      for (const kind of ['action', 'status', 'heartbeat'])
        await channel.assertExchange(`scheduler.${topology}.${kind}`, 'topic', { durable: true });
      await channel.assertQueue(queue, { durable: true });
      await channel.bindQueue(queue, `scheduler.${topology}.action`, '#');
    }
    await this.#deliver(channel, queue, 'work');
  }

  async #deliver(channel: Channel, queue: string, kind: Delivery['queue']): Promise<void> {
    await channel.consume(queue, (message) => {
      if (message === null) return;
      this.#options.onDelivery({
        body: bodyOf(message),
        redelivered: message.fields.redelivered,
        queue: kind,
        ack: () => {
          try {
            channel.ack(message);
          } catch {
            // The channel is closed; the broker has taken the message back.
          }
        },
      });
    });
  }
}

/** A channel that the broker closes takes its connection with it: everything is set up anew. */
function watch(channel: Channel, connection: ChannelModel): void {
  channel.on('error', () => void connection.close().catch(() => {}));
}

function bodyOf(message: ConsumeMessage): unknown {
  return JSON.parse(message.content.toString('utf8'));
}
