// A worker that knows nothing but AMQP, in a process of its own: takes run actions with deep prefetch, notes when each came,
// answers at once, and acknowledges when the broker has confirmed the answer.
import { once } from 'node:events';
import type { Topology } from '@simple-scheduler/contracts';
import { type Channel, type ConfirmChannel, connect, type ConsumeMessage } from 'amqplib';
import { type FromWorker, type Receipt, type ToWorker, type WorkerSetup } from './protocol.ts';

const COUNT_INTERVAL_MS = 20;
const RECEIPTS_PER_MESSAGE = 5_000;
const DECLARING_CHANNELS = 8;
const PUBLISHING = { persistent: true, contentType: 'application/json' } as const;

type Draft = Receipt & { lastSignAt?: number };
interface Action extends Record<'jobName' | 'runId' | 'action' | 'scheduledAt', string> {
  readonly attempt: number;
}

const setup = await hearSetup();
const receipts: Draft[] = [];
let answered = 0;
let stopping = false;

const tell = (message: FromWorker): void => void process.send?.(message);
const connection = await connect(setup.url);
await declareAll();
const answers = await connection.createConfirmChannel();
await answers.prefetch(setup.prefetch);
const byQueue = new Map(setup.topologies.map((topology) => [topology.actionQueue, topology]));
for (const topology of byQueue.values()) {
  await answers.consume(topology.actionQueue, (message) => {
    if (message !== null) take(answers, topology, message);
  });
}
tell({ kind: 'ready' });
const counting = setInterval(() => tell({ kind: 'count', received: receipts.length, answered }), COUNT_INTERVAL_MS);
process.on('message', (message: ToWorker) => {
  if (message.kind === 'report') report();
  if (message.kind === 'stop') void stop();
});
process.on('disconnect', () => process.exit(0));

async function hearSetup(): Promise<WorkerSetup> {
  const [message] = (await once(process, 'message')) as [ToWorker];
  if (message.kind !== 'setup') throw new Error('The set-up comes first');
  return message.setup;
}

function take(channel: ConfirmChannel, topology: Topology, message: ConsumeMessage): void {
  const receivedAt = performance.timeOrigin + performance.now();
  const action = JSON.parse(message.content.toString('utf8')) as Action;
  if (action.action !== 'run') {
    channel.ack(message);
    return;
  }
  const { jobName, runId, attempt } = action;
  const receipt: Draft = { jobName, runId, tickAt: Date.parse(action.scheduledAt), receivedAt, attempt };
  receipts.push(receipt);
  if (setup.silentAfter === undefined || attempt > 1) answer(channel, topology, message, receipt);
  else fallSilent(channel, topology, message, receipt);
}

function answer(
  channel: ConfirmChannel,
  topology: Topology,
  message: ConsumeMessage,
  { jobName, runId }: Receipt,
): void {
  setup.statuses.forEach((status, index) => {
    const body = Buffer.from(JSON.stringify({ jobName, runId, status }));
    const isLast = index === setup.statuses.length - 1;
    channel.publish(topology.statusExchange, status, body, PUBLISHING, (error) => {
      if (error != null && !stopping) throw new Error('The broker refused a status', { cause: error });
      if (!isLast || stopping) return;
      answered++;
      channel.ack(message);
    });
  });
}

/** Says `running`, gives some signs of life, and is not heard of again: what a worker does that dies. */
function fallSilent(channel: ConfirmChannel, topology: Topology, message: ConsumeMessage, receipt: Draft): void {
  const { jobName, runId, attempt } = receipt;
  const { heartbeats = 0, intervalMs = 0 } = setup.silentAfter ?? {};
  const sign = (exchange: string, body: object): void => {
    receipt.lastSignAt = performance.timeOrigin + performance.now();
    channel.publish(exchange, 'sign', Buffer.from(JSON.stringify(body)), PUBLISHING);
  };
  sign(topology.statusExchange, { jobName, runId, attempt, status: 'running' });
  let left = heartbeats;
  const beating = setInterval(() => {
    if (left-- > 0 && !stopping) return sign(topology.heartbeatExchange, { jobName, runId, attempt });
    clearInterval(beating);
    if (!stopping) channel.ack(message); // else the broker, too, would give the run to someone
  }, intervalMs);
}

async function declareAll(): Promise<void> {
  const waiting = [...setup.topologies];
  const declare = async (): Promise<void> => {
    const channel = await connection.createChannel();
    for (let topology = waiting.pop(); topology; topology = waiting.pop()) await declareOne(channel, topology);
    await channel.close();
  };
  await Promise.all(Array.from({ length: Math.min(DECLARING_CHANNELS, waiting.length) }, declare));
}

async function declareOne(channel: Channel, topology: Topology): Promise<void> {
  for (const exchange of [topology.actionExchange, topology.statusExchange, topology.heartbeatExchange])
    await channel.assertExchange(exchange, 'topic', { durable: true });
  await channel.assertQueue(topology.actionQueue, { durable: true });
  await channel.bindQueue(topology.actionQueue, topology.actionExchange, '#');
}

function report(): void {
  for (let from = 0; from === 0 || from < receipts.length; from += RECEIPTS_PER_MESSAGE) {
    const part = receipts.slice(from, from + RECEIPTS_PER_MESSAGE);
    tell({ kind: 'receipts', receipts: part, last: from + RECEIPTS_PER_MESSAGE >= receipts.length });
  }
}

async function stop(): Promise<void> {
  stopping = true;
  clearInterval(counting);
  await connection.close();
  process.disconnect();
}
