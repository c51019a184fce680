/**
 * What a message costs RabbitMQ by what it goes through: µs of CPU and writes to the disk that were waited for, of persistent messages that
 * are published at an even pace, confirmed, delivered and acknowledged. A run of a job with a topology of its own has one such
 * message, its action, in a queue that sees no other for as long as its interval is.
 *
 *     node --conditions=x-source bench/src/broker-costs.ts [messages per second]
 */
import { createVhost, type RabbitmqServer, startRabbitmq } from '@simple-scheduler/testkit';
import { type ConfirmChannel, connect } from 'amqplib';
import { setBrokerAsShipped } from './as-shipped.ts';
import { QUEUES } from './floor/broker.ts';
import { cpuOfRuns, measureUsage } from './usage.ts';

const SECONDS = 8;
const WARM_UP_SECONDS = 4;
const PREFETCH = 4_000;
const BODY = Buffer.alloc(300, 'x');

interface Way {
  /** Each with an exchange of its own, as jobs have them. */
  readonly queues: number;
  readonly kind: 'classic' | 'quorum';
  /** From one publication of all that is due to the next. */
  readonly everyMs: number;
  /** Among which the queues are shared out, for publishing and for consuming. */
  readonly channels: number;
}

const USUAL = { queues: 1_000, kind: 'classic', everyMs: 10, channels: 1 } as const;
const WAYS: readonly Way[] = [
  { ...USUAL, queues: 1, everyMs: 1 },
  { ...USUAL, queues: 1 },
  { ...USUAL, queues: 1, everyMs: 40 },
  { ...USUAL, queues: 100 },
  USUAL,
  { ...USUAL, everyMs: 40 },
  { ...USUAL, channels: 16 },
  { ...USUAL, queues: 1, kind: 'quorum' },
  { ...USUAL, kind: 'quorum' },
];

const perSecond = Number(process.argv[2] ?? 1_000);
const broker = await startRabbitmq();
const rows: object[] = [];
try {
  await setBrokerAsShipped(broker);
  for (const way of WAYS) rows.push({ ...way, ...(await costOf(broker, way)) });
} finally {
  await broker.remove();
}
console.table(rows);

async function costOf(server: RabbitmqServer, way: Way): Promise<{ cpuUs: number; syncs: number }> {
  await using vhost = await createVhost(server);
  const connections = [await connect(vhost.url), await connect(vhost.url)] as const;
  try {
    const publishers = await open(way.channels, () => connections[0].createConfirmChannel());
    const consumers = await open(way.channels, () => connections[1].createConfirmChannel());
    for (let index = 0; index < way.queues; index += 1)
      await consumeOne(consumers[index % way.channels] as ConfirmChannel, nameOf(index), way);
    let sent = 0;
    const sendDue = (due: number): void => {
      for (; sent < due; sent += 1) {
        const index = sent % way.queues;
        const channel = publishers[index % way.channels] as ConfirmChannel;
        channel.publish(nameOf(index), 'run', BODY, { persistent: true }, failed);
      }
    };
    await paced(WARM_UP_SECONDS, way, sendDue);
    const [syncsBefore, sentBefore] = [await syncsOf(server), sent];
    const usage = measureUsage({ broker: server.pid });
    await paced(SECONDS, way, (due) => sendDue(sentBefore + due));
    const messages = sent - sentBefore;
    const { all: cpuUs = Number.NaN } = cpuOfRuns(usage(), messages); // ms per 1,000 are µs for each
    return { cpuUs, syncs: Math.round((((await syncsOf(server)) - syncsBefore) * 100) / messages) / 100 };
  } finally {
    await Promise.all(connections.map((connection) => connection.close()));
  }
}

function open(count: number, one: () => Promise<ConfirmChannel>): Promise<ConfirmChannel[]> {
  return Promise.all(Array.from({ length: count }, one));
}

async function consumeOne(channel: ConfirmChannel, name: string, { kind }: Way): Promise<void> {
  await channel.assertExchange(name, 'topic', { durable: true });
  await channel.assertQueue(name, QUEUES[kind]);
  await channel.bindQueue(name, name, '#');
  await channel.prefetch(PREFETCH);
  await channel.consume(name, (message) => {
    if (message !== null) channel.ack(message);
  });
}

/** Tells again and again how many are due since it began. */
async function paced(seconds: number, { everyMs }: Way, send: (due: number) => void): Promise<void> {
  const startedAt = performance.now();
  for (let elapsedMs = 0; elapsedMs < seconds * 1_000; elapsedMs = performance.now() - startedAt) {
    send(Math.floor((elapsedMs / 1_000) * perSecond));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

function nameOf(index: number): string {
  return `bench-${index}`;
}

function failed(error: unknown): void {
  if (error != null) throw new Error('The broker refused a message', { cause: error });
}

/** Files of classic queues that were written out since it started; quorum queues write a log of their own, which is not in it. */
async function syncsOf(server: RabbitmqServer): Promise<number> {
  return Number(await server.control('eval', 'ets:lookup_element(file_handle_cache_stats, {io_sync, count}, 2).'));
}
