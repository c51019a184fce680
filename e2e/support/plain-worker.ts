import { type Channel, type ChannelModel, connect, type ConsumeMessage } from 'amqplib';

export interface Receipt {
  readonly jobName: string;
  readonly runId: string;
  readonly action: string;
  readonly attempt: number;
  readonly scheduledAt?: string;
  readonly at: number;
}

/** A worker that knows nothing but AMQP: what it answers is up to the test. */
export interface PlainWorker extends AsyncDisposable {
  /** Everything received so far. */
  readonly receipts: Receipt[];
  say(jobName: string, kind: 'status' | 'heartbeat', body: object): Promise<void>;
  /** Closes the connection without acknowledging what is open. */
  die(): Promise<void>;
}

export interface PlainWorkerOptions {
  readonly url: string;
  /** Jobs with a queue of their own. */
  readonly jobs?: readonly string[];
  /** Work queue of all jobs that share it; what is said goes to it too. */
  readonly workQueue?: string;
  /** Called with each action; the message is acknowledged when it resolves. Default: answers a run as completed. */
  readonly onAction?: (receipt: Receipt, worker: PlainWorker) => Promise<void>;
  readonly prefetch?: number;
}

/** Declares what the contract lets any worker declare, and consumes the queues of these jobs. */
export async function startPlainWorker(options: PlainWorkerOptions): Promise<PlainWorker> {
  const { jobs = [], workQueue } = options;
  const shared = workQueue === undefined ? undefined : `scheduler.queue.${workQueue}`;
  const connection: ChannelModel = await connect(options.url);
  connection.on('error', () => {});
  const channel = await connection.createConfirmChannel();
  channel.on('error', () => {});
  await channel.prefetch(options.prefetch ?? 100);
  const receipts: Receipt[] = [];
  const worker: PlainWorker = {
    receipts,
    say: async (jobName, kind, body) => {
      await new Promise<void>((resolve, reject) => {
        channel.publish(
          `${shared ?? `scheduler.job.${jobName}`}.${kind}`,
          'x',
          Buffer.from(JSON.stringify({ jobName, ...body })),
          { persistent: true },
          (error) => (error == null ? resolve() : reject(error as Error)),
        );
      });
    },
    // A broker that is going down may never answer the goodbye; its own end closes the connection then.
    die: () =>
      Promise.race([
        connection.close().catch(() => {}),
        new Promise<void>((resolve) => connection.once('close', () => resolve())),
      ]),
    [Symbol.asyncDispose]: () => worker.die(),
  };
  const onAction = options.onAction ?? answerCompleted;
  const take = async (message: ConsumeMessage | null): Promise<void> => {
    if (message === null) return;
    const receipt: Receipt = { ...JSON.parse(message.content.toString('utf8')), at: Date.now() };
    receipts.push(receipt);
    await onAction(receipt, worker);
    channel.ack(message);
  };
  for (const prefix of shared === undefined ? jobs.map((job) => `scheduler.job.${job}`) : [shared]) {
    await declare(channel, prefix);
    // A test that ends its worker in the middle of an action is not interested in the rest of it.
    await channel.consume(`${prefix}.action`, (message) => void take(message).catch(() => {}));
  }
  return worker;
}

export async function answerCompleted({ action, jobName, runId }: Receipt, worker: PlainWorker): Promise<void> {
  if (action !== 'run') return;
  await worker.say(jobName, 'status', { runId, status: 'running' });
  await worker.say(jobName, 'status', { runId, status: 'completed' });
}

async function declare(channel: Channel, prefix: string): Promise<void> {
  for (const kind of ['action', 'status', 'heartbeat'])
    await channel.assertExchange(`${prefix}.${kind}`, 'topic', { durable: true });
  await channel.assertQueue(`${prefix}.action`, { durable: true });
  await channel.bindQueue(`${prefix}.action`, `${prefix}.action`, '#');
}
