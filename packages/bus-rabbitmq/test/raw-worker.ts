import type { RawDeadLetter, RawWorker } from '@simple-scheduler/conformance';
import { SHARED_NAMES, type Topology } from '@simple-scheduler/contracts';
import { type ChannelModel, connect, type ConfirmChannel, type GetMessage } from 'amqplib';

/** A connection that a test breaks or that breaks with the broker, without a word about it. */
export async function plainConnection(url: string): Promise<ChannelModel> {
  const connection = await connect(url);
  connection.on('error', () => {});
  return connection;
}

async function confirmChannel(connection: ChannelModel): Promise<ConfirmChannel> {
  const channel = await connection.createConfirmChannel();
  channel.on('error', () => {});
  return channel;
}

/** Runs on a channel of its own, since the broker closes it where the answer is no. */
async function ask<T>(connection: ChannelModel, question: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
  const channel = await confirmChannel(connection);
  try {
    return await question(channel);
  } finally {
    await channel.close().catch(() => {});
  }
}

export interface RabbitRawWorker extends RawWorker {
  /** With arguments that are not the contract's. */
  declareWrongly(exchange: string): Promise<void>;
  declareQueueWrongly(queue: string): Promise<void>;
}

/** A worker that knows nothing but the contract: amqplib and the names. */
export async function rawWorker(url: string, topology: Topology): Promise<RabbitRawWorker> {
  const { actionExchange, statusExchange, heartbeatExchange, actionQueue } = topology;
  const connection = await plainConnection(url);
  const channel = await confirmChannel(connection);
  const declare = async (): Promise<void> => {
    for (const name of [actionExchange, statusExchange, heartbeatExchange]) {
      await channel.assertExchange(name, 'topic', { durable: true });
    }
    await channel.assertQueue(actionQueue, { durable: true });
    await channel.bindQueue(actionQueue, actionExchange, '#');
  };
  return {
    declare,
    consume: async (onAction, { prefetch = 100 } = {}) => {
      const consuming = await confirmChannel(connection);
      await declare();
      await consuming.prefetch(prefetch);
      await consuming.consume(actionQueue, (message) => {
        if (message === null) return;
        onAction({
          body: message.content,
          routingKey: message.fields.routingKey,
          redelivered: message.fields.redelivered,
          messageId: message.properties.messageId,
          contentType: message.properties.contentType,
          isPersistent: message.properties.deliveryMode === 2,
          ack: () => consuming.ack(message),
        });
      });
    },
    hearCancels: async (onCancel) => {
      const { queue } = await channel.assertQueue('', { exclusive: true });
      await channel.bindQueue(queue, actionExchange, 'cancel');
      await channel.consume(queue, (message) => message !== null && onCancel(message.content), { noAck: true });
    },
    publish: (kind, body) =>
      new Promise((resolve, reject) => {
        const exchange = kind === 'status' ? statusExchange : heartbeatExchange;
        const options = { persistent: true, contentType: 'application/json' };
        const done = (error: unknown): void => (error === null ? resolve() : reject(error));
        channel.publish(exchange, 'anything', Buffer.from(body), options, done);
      }),
    queuedActions: async () => (await channel.checkQueue(actionQueue)).messageCount,
    deleteExchange: async (name) => {
      await channel.deleteExchange(name);
    },
    deleteQueue: async (name) => {
      await channel.deleteQueue(name);
    },
    exchangeExists: (name) =>
      ask(connection, (asked) => asked.checkExchange(name)).then(
        () => true,
        () => false,
      ),
    declareWrongly: async (name) => {
      await channel.assertExchange(name, 'topic', { durable: false });
    },
    declareQueueWrongly: async (name) => {
      await channel.assertQueue(name, { durable: true, arguments: { 'x-max-length': 10 } });
    },
    die: () => connection.close(),
  };
}

/** Looks at the dead-letter queue: takes all that is in it and gives it back. */
export async function deadLetters(url: string): Promise<RawDeadLetter[]> {
  const connection = await plainConnection(url);
  try {
    return await ask(connection, async (channel) => {
      const letters: RawDeadLetter[] = [];
      let message: GetMessage | false = await channel.get(SHARED_NAMES.deadLetterQueue);
      while (message !== false) {
        const { headers } = message.properties;
        letters.push({
          body: message.content,
          reason: String(headers?.['x-reason']),
          originalExchange: String(headers?.['x-original-exchange']),
        });
        message = await channel.get(SHARED_NAMES.deadLetterQueue);
      }
      return letters; // closing the channel gives them back
    });
  } finally {
    await connection.close();
  }
}

export async function publishControl(url: string, body: Uint8Array): Promise<void> {
  const connection = await plainConnection(url);
  const channel = await confirmChannel(connection);
  channel.publish(SHARED_NAMES.controlExchange, '', Buffer.from(body));
  await channel.waitForConfirms();
  await connection.close();
}
