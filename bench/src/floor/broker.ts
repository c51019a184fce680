import { createVhost, type RabbitmqServer } from '@simple-scheduler/testkit';
import { type Channel, type ConfirmChannel, connect, type Options } from 'amqplib';
import { rate } from '../latency.ts';

const WINDOW = 1_000;
const PREFETCH = 1_000;
const BODY = Buffer.from(
  JSON.stringify({ jobName: 'job-000001', runId: '0'.repeat(24), action: 'run', attempt: 1, filler: 'x'.repeat(180) }),
);
export const QUEUES: Readonly<Record<'classic' | 'quorum', Options.AssertQueue>> = {
  classic: { durable: true },
  quorum: { durable: true, arguments: { 'x-queue-type': 'quorum' } },
};

export interface BrokerFloor {
  /** Persistent messages that the broker confirmed, `WINDOW` outstanding. */
  readonly publishedPerSecond: number;
  /** Delivered and acknowledged one by one, nothing being published. */
  readonly consumedPerSecond: number;
  /** Both at the same time, from the first publication to the last acknowledgement. */
  readonly bothWaysPerSecond: number;
}

/** What the broker and amqplib can do by themselves, this process being publisher and consumer. */
export async function brokerFloor(
  broker: RabbitmqServer,
  messages: number,
): Promise<Record<'classic' | 'quorum', BrokerFloor>> {
  await using vhost = await createVhost(broker);
  const connections = await Promise.all([connect(vhost.url), connect(vhost.url)]);
  try {
    const publisher = await connections[0].createConfirmChannel();
    const consumer = await connections[1].createChannel();
    await consumer.prefetch(PREFETCH);
    const measure = async (kind: 'classic' | 'quorum'): Promise<BrokerFloor> => {
      const [first, second] = [`floor.${kind}.1`, `floor.${kind}.2`];
      for (const queue of [first, second]) await publisher.assertQueue(queue, QUEUES[kind]);
      const publishedMs = await timed(() => publish(publisher, toQueue(first), { count: messages }));
      const consumedMs = await timed(() => consume(consumer, first, messages));
      const bothMs = await timed(async () => {
        await Promise.all([
          publish(publisher, toQueue(second), { count: messages }),
          consume(consumer, second, messages),
        ]);
      });
      return {
        publishedPerSecond: rate(messages, publishedMs),
        consumedPerSecond: rate(messages, consumedMs),
        bothWaysPerSecond: rate(messages, bothMs),
      };
    };
    return { classic: await measure('classic'), quorum: await measure('quorum') };
  } finally {
    await Promise.all(connections.map((connection) => connection.close()));
  }
}

interface Address {
  readonly exchange: string;
  readonly key: string;
}

const toQueue = (name: string): Address => ({ exchange: '', key: name });

/** Persistent messages, so many outstanding at most; resolves when the last one is confirmed. */
export function publish(
  channel: ConfirmChannel,
  { exchange, key }: Address,
  { count, bodyOf = () => BODY }: { readonly count: number; readonly bodyOf?: (index: number) => Buffer },
): Promise<void> {
  return new Promise((resolve, reject) => {
    let [sent, confirmed] = [0, 0];
    const fill = (): void => {
      for (; sent < count && sent - confirmed < WINDOW; sent++)
        channel.publish(exchange, key, bodyOf(sent), { persistent: true }, (error) => {
          if (error != null) reject(error as Error);
          else if (++confirmed === count) resolve();
          else if (sent < count) fill();
        });
    };
    fill();
  });
}

/** Acknowledges each one; resolves with the last. */
export async function consume(channel: Channel, queue: string, count: number): Promise<void> {
  let left = count;
  const all = Promise.withResolvers<void>();
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message === null) return all.reject(new Error('The broker cancelled the consumer'));
    channel.ack(message);
    if (--left === 0) all.resolve();
  });
  await all.promise;
  await channel.cancel(consumerTag);
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
