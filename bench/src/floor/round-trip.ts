import { SHARED_NAMES, topologyFor } from '@simple-scheduler/contracts';
import { createVhost, type RabbitmqServer } from '@simple-scheduler/testkit';
import { connect } from 'amqplib';
import { rate, round } from '../latency.ts';
import { cpuOfRuns, measureOwnCpu, measureUsage } from '../usage.ts';
import { startWorker } from '../worker/worker.ts';
import { consume, publish, QUEUES, timed } from './broker.ts';

const WORK_QUEUE = 'floor';
const PREFETCH = 5_000;

export interface RoundTrip {
  readonly messages: number;
  readonly elapsedMs: number;
  readonly messagesPerSecond: number;
  readonly cpuMsPer1000Runs: Readonly<Record<string, number>>;
}

/**
 * The messages of so many runs, and nothing but them: actions through a classic queue to the worker's process, its statuses
 * back through a quorum queue, all persistent and confirmed, both ways at once. No broker moves a run with fewer. Moved twice
 * over the same connections; the second time is measured.
 */
export async function roundTrip(
  broker: RabbitmqServer,
  runs: number,
  statuses: readonly ('running' | 'completed')[],
): Promise<RoundTrip> {
  await using vhost = await createVhost(broker);
  const topology = topologyFor({ name: '', workQueue: WORK_QUEUE });
  await using worker = await startWorker({ url: vhost.url, topologies: [topology], prefetch: PREFETCH, statuses });
  const connections = await Promise.all([connect(vhost.url), connect(vhost.url)]);
  try {
    const publisher = await connections[0].createConfirmChannel();
    const consumer = await connections[1].createChannel();
    await consumer.prefetch(PREFETCH);
    await consumer.assertQueue(SHARED_NAMES.statusQueue, QUEUES.quorum);
    await consumer.bindQueue(SHARED_NAMES.statusQueue, topology.statusExchange, '#');
    const scheduledAt = new Date().toISOString();
    const bodyOf = (index: number): Buffer =>
      Buffer.from(JSON.stringify({ jobName: 'job', runId: runIdOf(index), action: 'run', attempt: 1, scheduledAt }));
    const to = { exchange: topology.actionExchange, key: 'run' };
    const move = (): Promise<number> =>
      timed(() =>
        Promise.all([
          publish(publisher, to, { count: runs, bodyOf }),
          consume(consumer, SHARED_NAMES.statusQueue, runs * statuses.length),
        ]),
      );
    await move(); // the worker compiles its code meanwhile, as the scheduler does in a first burst
    const usage = measureUsage({ worker: worker.pid, rabbitmq: broker.pid });
    const ownCpu = measureOwnCpu();
    const elapsedMs = await move();
    const own = ownCpu();
    if (worker.received > 2 * runs) throw new Error(`${worker.received} of ${2 * runs} actions were received`);
    const messages = runs * (1 + statuses.length);
    return {
      messages,
      elapsedMs: round(elapsedMs, 0),
      messagesPerSecond: rate(messages, elapsedMs),
      cpuMsPer1000Runs: cpuOfRuns({ publisher: own, ...usage() }, runs),
    };
  } finally {
    await Promise.all(connections.map((connection) => connection.close()));
  }
}

const runIdOf = (index: number): string => index.toString(16).padStart(24, '0');
