import { topologyFor } from '@simple-scheduler/contracts';
import { waitFor } from '@simple-scheduler/testkit';
import { sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { connect } from 'amqplib';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createWorker, type JobHandler, type Worker, type WorkerOptions } from '../src/index.ts';
import { AmqpSide } from './amqp-side.ts';
import { action, cancelOf, quiet, runId } from './scheduler-side.ts';

let side: AmqpSide;
const workers: Worker[] = [];

beforeEach(async () => {
  side = await AmqpSide.open(await sharedRabbitmq());
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

/** A handler that goes on until told, or aborted. */
function openHandler() {
  const calls: { runId: string; signal: AbortSignal; finish: (output?: unknown) => void }[] = [];
  const handler: JobHandler = (run, { signal }) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    calls.push({ runId: run.runId, signal, finish: resolve });
    return promise;
  };
  return { handler, calls };
}

describe('a worker', () => {
  test('declares what it needs before any scheduler has, with arguments that a scheduler then uses too', async () => {
    await startWorker({ jobs: { 'a-job': () => 'done' }, queues: { mail: { jobs: { '*': () => 'mailed' } } } });
    expect((await side.namesLike('scheduler.job.')).toSorted()).toEqual([
      'scheduler.job.a-job.action',
      'scheduler.job.a-job.action',
      'scheduler.job.a-job.heartbeat',
      'scheduler.job.a-job.status',
    ]);
    await side.declare({ name: 'a-job' });
    await side.declare({ name: 'letters', workQueue: 'mail' });
    await side.send(action(1));
    await side.sendTo('mail', action(2, { jobName: 'letters' }));
    await eventually(() => expect(side.heard.with('completed').length).toBe(2));
    expect([side.heard.lastOf(1)?.output, side.heard.lastOf(2)?.output]).toEqual(['done', 'mailed']);
  });

  test('finds the runs and cancels that were published before it came', async () => {
    await side.declare({ name: 'a-job' });
    await side.send(action(1), action(2), cancelOf(2));
    const { handler, calls } = openHandler();
    await startWorker({ jobs: { 'a-job': handler } });
    await eventually(() => expect(side.heard.lastOf(2)?.status).toBe('cancelled'));
    await eventually(() => expect(calls.some((call) => call.runId === runId(1))).toBe(true));
    calls.find((call) => call.runId === runId(1))?.finish();
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed']));
  });

  test('competes with another one: each run is done once, and both have their share', async () => {
    await side.declare({ name: 'a-job' });
    const counts = new Map<string, number>();
    const handler: JobHandler = ({ runId: id }) => void counts.set(id, (counts.get(id) ?? 0) + 1);
    await startWorker({ jobs: { 'a-job': handler }, workerId: 'w1' });
    await startWorker({ jobs: { 'a-job': handler }, workerId: 'w2' });
    await side.send(...Array.from({ length: 500 }, (_, i) => action(i)));
    await eventually(() => expect(side.heard.with('completed').length).toBe(500));
    expect([counts.size, ...new Set(counts.values())]).toEqual([500, 1]);
    const done = Map.groupBy(side.heard.with('completed'), ({ workerId }) => workerId);
    expect(Math.min(done.get('w1')?.length ?? 0, done.get('w2')?.length ?? 0)).toBeGreaterThan(100);
    expect(await side.readyIn('a-job')).toBe(0);
  });

  test('that is full leaves runs to one that is not, and takes them again when it has room', async () => {
    await side.declare({ name: 'a-job' });
    const busy = openHandler();
    await startWorker({ jobs: { 'a-job': busy.handler }, concurrency: 2 });
    await side.send(...[1, 2, 3, 4].map((n) => action(n)));
    await eventually(() => expect(busy.calls.length).toBe(2));
    await eventually(async () => expect(await side.readyIn('a-job')).toBe(2));
    await startWorker({ jobs: { 'a-job': () => 'w2' }, workerId: 'w2' });
    await eventually(() => expect(side.heard.with('completed').map(({ workerId }) => workerId)).toEqual(['w2', 'w2']));
    expect(busy.calls.length).toBe(2);
    for (const call of busy.calls) call.finish();
    await eventually(() => expect(side.heard.with('completed').length).toBe(4));
    await side.send(...[5, 6, 7, 8, 9].map((n) => action(n)));
    await eventually(() => expect(busy.calls.length).toBeGreaterThan(2));
  });

  test('hears a cancel wherever the run is, whoever takes it from the queue', async () => {
    await side.declare({ name: 'a-job' });
    const holder = openHandler();
    await startWorker({ jobs: { 'a-job': holder.handler }, workerId: 'w1', concurrency: 1 });
    await side.send(action(1));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running']));
    await startWorker({ jobs: { 'a-job': () => undefined }, workerId: 'w2' });
    const startedAt = performance.now();
    await side.send(cancelOf(1), cancelOf(1));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'cancelled']));
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(side.heard.lastOf(1)?.workerId).toBe('w1');
    await eventually(async () => expect(await side.readyIn('a-job')).toBe(0));
    await side.send(action(1, { attempt: 2 })); // both have heard that it is cancelled
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'cancelled', 'cancelled']));
  });

  test('answers an action that comes again with how its run is, and drops what is not valid', async () => {
    await side.declare({ name: 'a-job' });
    const { handler, calls } = openHandler();
    await startWorker({ jobs: { 'a-job': handler } });
    await side.sendBytes('a-job', '{');
    await side.sendBytes('a-job', '[7]', 'cancel');
    await side.send(action(1));
    await eventually(() => expect(calls.length).toBe(1));
    await side.send(action(1));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'running']));
    calls[0]?.finish('once');
    await eventually(() => expect(side.heard.of(1).at(-1)).toBe('completed'));
    await side.send(action(1));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'running', 'completed', 'completed']));
    expect(calls.length).toBe(1);
    expect(await side.readyIn('a-job')).toBe(0);
  });

  test('sends heartbeats by itself', async () => {
    await side.declare({ name: 'a-job' });
    const { handler, calls } = openHandler();
    await startWorker({ jobs: { 'a-job': handler } });
    await side.send(action(1, { heartbeatTimeout: 90 }));
    await eventually(() => expect(side.heard.heartbeats.length).toBeGreaterThan(2));
    expect(side.heard.heartbeats[0]).toEqual({ jobName: 'a-job', runId: runId(1), attempt: 1 });
    calls[0]?.finish();
  });

  test('drains on stop: what goes on ends, what it had not started is there for others', async () => {
    await side.declare({ name: 'a-job' });
    const { handler, calls } = openHandler();
    const worker = await startWorker({ jobs: { 'a-job': handler }, concurrency: 1 });
    await side.send(action(1), action(2), action(3));
    await eventually(() => expect(calls.length).toBe(1));
    const stopping = worker.stop({ timeoutMs: 5_000 });
    calls[0]?.finish('in time');
    await stopping;
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed']));
    await eventually(async () => expect(await side.readyIn('a-job')).toBe(2));
    expect(calls.length).toBe(1);
  });

  test('keeps trying while there is no broker at its address, and stops all the same', async () => {
    const warn = vi.fn<(fields: object, message: string) => void>();
    const worker = createWorker({
      url: 'amqp://guest:secret@127.0.0.1:1/',
      logger: { ...quiet, warn },
      jobs: { 'a-job': () => undefined },
    });
    const starting = worker.start();
    await eventually(() => expect(warn.mock.calls.length).toBeGreaterThan(1));
    await worker.stop();
    await starting;
    expect(worker.state).toBe('stopped');
    expect(JSON.stringify(warn.mock.calls)).not.toContain('secret');
  });
});

describe('connections that break', () => {
  test('again and again lose no status, and no run is done twice but those taken just then', async () => {
    await side.declare({ name: 'a-job' });
    const counts = new Map<string, number>();
    const handler: JobHandler = async ({ runId: id }) => {
      counts.set(id, (counts.get(id) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
    };
    const connections = vi.fn<(state: string) => void>();
    for (const workerId of ['w1', 'w2']) {
      const worker = await startWorker({ jobs: { 'a-job': handler }, workerId });
      worker.on('connectionChanged', connections);
    }
    const total = 300;
    for (let sent = 0; sent < total; sent += 100) {
      await side.send(...Array.from({ length: 100 }, (_, i) => action(sent + i)));
      await side.vhost.closeConnections(3); // the scheduler's too
      await side.connect();
    }
    const completed = (): Set<string> => new Set(side.heard.with('completed').map((message) => message.runId));
    await eventually(() => expect(completed().size).toBe(total), 30_000);
    expect(connections).toHaveBeenCalledWith('connecting');
    expect(connections).toHaveBeenCalledWith('connected');
    expect(counts.size).toBe(total);
    // An acknowledgement that was lost with its connection makes the broker deliver again what goes on already.
    const twice = [...counts.values()].filter((count) => count > 1).length;
    expect(twice).toBeLessThanOrEqual(3 * 2 * 10);
    expect(side.heard.with('failed')).toEqual([]);
    await eventually(async () => expect(await side.readyIn('a-job')).toBe(0));
  });

  test('let a cancel that was missed be repeated', async () => {
    await side.declare({ name: 'a-job' });
    const { handler, calls } = openHandler();
    await startWorker({ jobs: { 'a-job': handler }, concurrency: 1 });
    await side.send(action(1));
    await eventually(() => expect(calls.length).toBe(1));
    await side.vhost.closeConnections(2);
    await side.connect();
    // As a scheduler does when it hears of a run that it has cancelled.
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'running']));
    await side.send(cancelOf(1));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'running', 'cancelled']));
  });
});

describe('a job that is deleted', () => {
  test('is not declared again by its worker, disturbs no other job, and is served again when it is back', async () => {
    await side.declare({ name: 'a-job' });
    await side.declare({ name: 'b-job' });
    const { handler, calls } = openHandler();
    const worker = await startWorker({ jobs: { 'a-job': handler, 'b-job': handler } });
    await side.send(action(1));
    await eventually(() => expect(calls.length).toBe(1));
    await side.remove({ name: 'a-job' });
    calls[0]?.finish('nobody hears it');
    await side.send(action(2, { jobName: 'b-job' }));
    await eventually(() => expect(calls.length).toBe(2));
    calls[1]?.finish();
    await eventually(() => expect(side.heard.of(2)).toEqual(['running', 'completed']));
    expect(await side.namesLike('scheduler.job.a-job')).toEqual([]);

    await side.declare({ name: 'a-job' });
    await side.send(action(3));
    await eventually(() => expect(calls.length).toBe(3), 20_000);
    await side.send(cancelOf(3));
    await eventually(() => expect(side.heard.of(3)).toEqual(['running', 'cancelled']));
    // Told when somebody was there to hear it.
    await eventually(() => expect(side.heard.lastOf(1)).toMatchObject({ output: 'nobody hears it' }));
    expect(worker.state).toBe('running');
  });
});

test('a topology that exists with other arguments is no reason to crash, and is used once it is right', async () => {
  const { actionQueue } = topologyFor({ name: 'a-job' });
  await side.channel.assertQueue(actionQueue, { durable: false });
  const warn = vi.fn<(fields: object, message: string) => void>();
  const worker = createWorker({
    url: side.vhost.url,
    logger: { ...quiet, warn },
    stopTimeoutMs: 0,
    jobs: { 'a-job': () => 'done' },
  });
  workers.push(worker);
  const starting = worker.start();
  await eventually(() => expect(JSON.stringify(warn.mock.calls)).toContain('PRECONDITION_FAILED'));
  await side.channel.deleteQueue(actionQueue);
  await starting;
  await side.declare({ name: 'a-job' });
  await side.send(action(1));
  await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed']));
});

test('a job whose topology is refused keeps no other job from being served, nor from hearing cancels', async () => {
  await side.declare({ name: 'a-job' });
  const refused = topologyFor({ name: 'b-job' }).actionQueue;
  await side.channel.assertQueue(refused, { durable: false });
  const { handler, calls } = openHandler();
  const worker = createWorker({
    url: side.vhost.url,
    logger: quiet,
    stopTimeoutMs: 0,
    concurrency: 1,
    jobs: { 'a-job': handler, 'b-job': handler },
  });
  workers.push(worker);
  const starting = worker.start();
  await side.send(action(1));
  await eventually(() => expect(side.heard.of(1)).toEqual(['running']));
  await side.send(cancelOf(1));
  await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'cancelled']));
  await side.channel.deleteQueue(refused);
  await starting;
  await side.declare({ name: 'b-job' });
  await side.send(action(2, { jobName: 'b-job' }));
  await eventually(() => expect(calls.length).toBe(2));
  // Full, it listens to no queue of actions: this one it hears on its own.
  await eventually(async () => expect((await side.channel.checkQueue(refused)).consumerCount).toBe(0));
  await side.send(cancelOf(2, { jobName: 'b-job' }));
  await eventually(() => expect(side.heard.of(2)).toEqual(['running', 'cancelled']));
});

test('users and passwords may have any characters, and a virtual host that is refused is said to be', async () => {
  const [user, password] = ['jürgen', 'pä:ss/wört€'];
  const users = `users/${encodeURIComponent(user)}`;
  await side.vhost.call('PUT', users, { password, tags: '' });
  onTestFinished(async () => void (await side.vhost.call('DELETE', users)));
  const url = new URL(side.vhost.url);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password);
  const warn = vi.fn<(fields: object, message: string) => void>();
  const starting = startWorker({ url: url.href, logger: { ...quiet, warn }, jobs: { 'a-job': () => 'done' } });
  await eventually(() =>
    expect(warn).toHaveBeenCalledWith(
      expect.objectContaining({ reason: 'the virtual host does not exist, or the user has no rights in it' }),
      expect.any(String),
    ),
  );
  const rights = { configure: '.*', write: '.*', read: '.*' };
  await side.vhost.call(
    'PUT',
    `permissions/${encodeURIComponent(side.vhost.name)}/${encodeURIComponent(user)}`,
    rights,
  );
  await starting;
  await side.declare({ name: 'a-job' });
  await side.send(action(1));
  await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed']));
});

test('nothing stays behind on the broker but what is durable', async () => {
  const worker = await startWorker({ jobs: { 'a-job': () => undefined } });
  await side.declare({ name: 'a-job' });
  await worker.stop();
  await waitFor(async () => (await side.namesLike('amq.gen')).length === 0, { message: 'the private queue to go' });
  const model = await connect(side.vhost.url);
  const channel = await model.createChannel();
  expect((await channel.checkQueue('scheduler.job.a-job.action')).consumerCount).toBe(0);
  await model.close();
});
