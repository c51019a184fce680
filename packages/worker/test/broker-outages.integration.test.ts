import { setTimeout } from 'node:timers/promises';
import { type RabbitmqServer, startRabbitmq } from '@simple-scheduler/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createWorker, type JobHandler, type Worker, type WorkerOptions } from '../src/index.ts';
import { AmqpSide } from './amqp-side.ts';
import { action, quiet } from './scheduler-side.ts';

/** Long for whoever waits for a confirm, and within the heartbeats' patience. No wait for luck: it is what is tried. */
const HESITATION_MS = 1_500;

let broker: RabbitmqServer;
let side: AmqpSide;
const workers: Worker[] = [];

beforeAll(async () => {
  broker = await startRabbitmq();
});

afterAll(() => broker.remove());

beforeEach(async () => {
  side = await AmqpSide.open(broker);
  await side.declare({ name: 'a-job' });
});

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await side[Symbol.asyncDispose]();
});

async function startWorker(options: Partial<WorkerOptions>): Promise<Worker> {
  const worker = createWorker({ url: side.vhost.url, logger: quiet, stopTimeoutMs: 0, ...options });
  workers.push(worker);
  await worker.start();
  return worker;
}

function eventually(assertion: () => void | Promise<void>, timeoutMs = 10_000): Promise<void> {
  return vi.waitFor(assertion, { timeout: timeoutMs, interval: 20 });
}

test('a broker that restarts in the middle loses no status and no run, and no run that had started is done twice', async () => {
  const finishes: (() => void)[] = [];
  const counts = new Map<string, number>();
  const handler: JobHandler = ({ runId }) => {
    counts.set(runId, (counts.get(runId) ?? 0) + 1);
    return counts.size > 20 ? 'later' : new Promise((resolve) => finishes.push(() => resolve('in between')));
  };
  await startWorker({ jobs: { 'a-job': handler }, concurrency: 20 });
  const total = 60;
  await side.send(...Array.from({ length: total }, (_, i) => action(i)));
  await eventually(() => expect(side.heard.with('running').length).toBe(20));
  await eventually(async () => expect(await side.readyIn('a-job')).toBe(total - 20)); // all others are given back
  await broker.stop();
  for (const finish of finishes) finish();
  await broker.start();
  await side.connect();
  await eventually(() => expect(side.heard.with('completed').length).toBe(total), 40_000);
  expect([counts.size, ...new Set(counts.values())]).toEqual([total, 1]);
  expect(side.heard.with('completed').filter(({ output }) => output === 'in between').length).toBe(20);
});

test('a broker that only hesitates makes nothing happen twice', async () => {
  await startWorker({ jobs: { 'a-job': () => 'done' } });
  await side.send(action(1));
  await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed']));
  await broker.pause();
  const sent = side.send(action(2), action(3));
  await setTimeout(HESITATION_MS);
  await broker.unpause();
  await sent;
  await eventually(() => expect(side.heard.with('completed').length).toBe(3));
  expect(side.heard.statuses.length).toBe(6);
});

test('a broker that falls silent is noticed, and what was under way is told once it is back', async () => {
  const finish = Promise.withResolvers<string>();
  const url = new URL(side.vhost.url);
  url.searchParams.set('heartbeat', '1');
  const connections = vi.fn<(state: string) => void>();
  const worker = await startWorker({ url: url.href, jobs: { 'a-job': () => finish.promise } });
  worker.on('connectionChanged', connections);
  await side.send(action(1));
  await eventually(() => expect(side.heard.of(1)).toEqual(['running']));
  await broker.pause();
  finish.resolve('while it was silent');
  await eventually(() => expect(connections).toHaveBeenCalledWith('connecting'), 20_000);
  await broker.unpause();
  await eventually(() => expect(side.heard.lastOf(1)).toMatchObject({ output: 'while it was silent' }), 20_000);
  await eventually(() => expect(connections).toHaveBeenLastCalledWith('connected'));
});

test('a worker stops in time while the broker is silent', async () => {
  const worker = await startWorker({ jobs: { 'a-job': () => new Promise(() => {}) } });
  await side.send(action(1));
  await eventually(() => expect(worker.activeRuns).toBe(1));
  await eventually(() => expect(side.heard.of(1)).toEqual(['running']));
  await broker.pause();
  const startedAt = performance.now();
  await worker.stop({ timeoutMs: 100 });
  expect(performance.now() - startedAt).toBeLessThan(9_000);
  expect(worker.state).toBe('stopped');
  await broker.unpause();
});
