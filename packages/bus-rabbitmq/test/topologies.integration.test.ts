import { openRabbitBus, type RabbitBus, type RabbitBusOptions } from '@simple-scheduler/bus-rabbitmq';
import { SHARED_NAMES, type Topology, topologyFor } from '@simple-scheduler/contracts';
import { createVhost, type Vhost, waitFor } from '@simple-scheduler/testkit';
import { sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CountingMeter, countingMeter } from './counting-meter.ts';
import { action, status, statuses } from './messages.ts';
import { plainConnection, type RabbitRawWorker, rawWorker } from './raw-worker.ts';
import { recordingLog } from './recording-log.ts';

const JOB = topologyFor({ name: 'a-job' });
const OTHER = topologyFor({ name: 'other' });
const MARKER = 'scheduler.job.a-job.declared';

let vhost: Vhost;
let buses: RabbitBus[];
let workers: RabbitRawWorker[];

beforeEach(async () => {
  vhost = await createVhost(await sharedRabbitmq());
  buses = [];
  workers = [];
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.die()));
  await Promise.all(buses.map((bus) => bus.close()));
  await vhost.remove();
});

interface Scheduler {
  readonly bus: RabbitBus;
  readonly meter: CountingMeter;
}

async function scheduler(options: Partial<RabbitBusOptions> = {}): Promise<Scheduler> {
  const meter = countingMeter();
  const bus = openRabbitBus({ url: vhost.url, publishDeadlineMs: 5_000, meter, ...options });
  buses.push(bus);
  await bus.connect({ timeoutMs: 10_000 });
  return { bus, meter };
}

async function worker(topology: Topology): Promise<RabbitRawWorker> {
  const opened = await rawWorker(vhost.url, topology);
  workers.push(opened);
  return opened;
}

const found = ({ meter }: Scheduler): number => meter.of('topologies_found_total');
const declared = ({ meter }: Scheduler): number => meter.of('topologies_declared_total');
const manyTopologies = (count: number): Topology[] =>
  Array.from({ length: count }, (_, i) => topologyFor({ name: `job-${i}` }));

/** One that has seen a topology which was there, and so looks for the next. */
async function hopefulScheduler(): Promise<Scheduler> {
  await (await scheduler()).bus.ensureTopology([OTHER]);
  const hopeful = await scheduler();
  await hopeful.bus.ensureTopology([OTHER]);
  expect(found(hopeful)).toBe(1);
  return hopeful;
}

test('uses what another scheduler has declared after one look, and declares it later', async () => {
  const topologies = manyTopologies(100);
  const first = await scheduler();
  await first.bus.ensureTopology(topologies);
  const second = await hopefulScheduler();
  const outcomes = await second.bus.publishActions(topologies.map((topology, i) => action(topology, i)));
  expect(new Set(outcomes)).toEqual(new Set(['confirmed']));
  expect(found(second)).toBe(101);
  expect(declared(second)).toBeLessThan(101);
  await waitFor(() => declared(second) === 101, { timeoutMs: 30_000, message: 'all to be declared' });
});

test('declares before it publishes what only a worker has declared: statuses find their way from the first', async () => {
  const early = await worker(JOB);
  await early.declare();
  const { bus } = await hopefulScheduler();
  const heard = await statuses(bus);
  expect(await bus.publishActions([action(JOB)])).toEqual(['confirmed']);
  await early.publish('status', status('first'));
  await waitFor(() => heard.includes('first'), { message: 'the status' });
});

test('looks for few of many new topologies, each of which costs a channel', async () => {
  const log = recordingLog();
  const only = await scheduler({ log });
  await only.bus.ensureTopology(manyTopologies(200));
  const misses = log.lines.filter((line) => line.includes('looked for')).length;
  expect(misses).toBeGreaterThan(0);
  expect(misses).toBeLessThan(12);
  expect([declared(only), found(only)]).toEqual([200, 0]);
});

test('loses no action where the queue of what it found is gone', async () => {
  await (await scheduler()).bus.ensureTopology([JOB]);
  const vandal = await worker(JOB);
  await vandal.deleteQueue(JOB.actionQueue);
  const second = await hopefulScheduler();
  expect(await second.bus.publishActions([action(JOB)])).toEqual(['confirmed']);
  expect(found(second)).toBe(2);
  expect(await vandal.queuedActions()).toBe(1);
});

test('loses no action where the binding of the action queue is gone', async () => {
  await (await scheduler()).bus.ensureTopology([JOB]);
  const vandal = await plainConnection(vhost.url);
  const channel = await vandal.createChannel();
  await channel.unbindQueue(JOB.actionQueue, JOB.actionExchange, '#');
  const second = await hopefulScheduler();
  expect(await second.bus.publishActions([action(JOB)])).toEqual(['confirmed']);
  expect((await channel.checkQueue(JOB.actionQueue)).messageCount).toBe(1);
  await vandal.close();
});

test.for(['actionExchange', 'statusExchange', 'heartbeatExchange'] as const)(
  'repairs the %s that is gone before it publishes',
  async (part) => {
    await (await scheduler()).bus.ensureTopology([JOB]);
    const vandal = await worker(JOB);
    await vandal.deleteExchange(JOB[part]);
    const second = await hopefulScheduler();
    const heard = await statuses(second.bus);
    expect(await second.bus.publishActions([action(JOB)])).toEqual(['confirmed']);
    expect(found(second)).toBe(1);
    expect(await vandal.exchangeExists(JOB[part])).toBe(true);
    expect(await vandal.queuedActions()).toBe(1);
    await vandal.publish('status', status('first'));
    await waitFor(() => heard.includes('first'), { message: 'the status' });
  },
);

test('soon binds again the status exchange of what it found', async () => {
  await (await scheduler()).bus.ensureTopology([JOB]);
  const vandal = await plainConnection(vhost.url);
  await (await vandal.createChannel()).unbindQueue(SHARED_NAMES.statusQueue, JOB.statusExchange, '#');
  await vandal.close();
  const { bus } = await hopefulScheduler();
  const heard = await statuses(bus);
  await bus.ensureTopology([JOB]);
  const mute = await worker(JOB);
  const isHeard = async (): Promise<boolean> => {
    await mute.publish('status', status('heard'));
    return heard.includes('heard');
  };
  await waitFor(isHeard, { timeoutMs: 30_000, message: 'the status' });
});

test('soon says what is declared otherwise of what it found, and publishes to it no more', async () => {
  await (await scheduler()).bus.ensureTopology([JOB]);
  const vandal = await worker(JOB);
  await vandal.deleteExchange(JOB.statusExchange);
  await vandal.declareWrongly(JOB.statusExchange);
  const { bus } = await hopefulScheduler();
  expect(await bus.publishActions([action(JOB)])).toEqual(['confirmed']);
  await waitFor(() => bus.problems().length > 0, { timeoutMs: 30_000, message: 'the refusal' });
  expect(bus.problems()).toEqual([expect.stringContaining(JOB.statusExchange)]);
  expect(await bus.publishActions([action(JOB, 2), action(OTHER, 3)])).toEqual(['unconfirmed', 'confirmed']);
});

test('believes no marker once a shared queue was deleted: the bindings went with it', async () => {
  await (await scheduler()).bus.ensureTopology([JOB]);
  const second = await hopefulScheduler();
  const heard = await statuses(second.bus);
  const vandal = await worker(OTHER);
  await vandal.deleteQueue(SHARED_NAMES.statusQueue);
  const isBack = async (): Promise<boolean> => {
    await vandal.publish('status', status('back'));
    return heard.includes('back');
  };
  await waitFor(isBack, { message: 'a status through the new queue' });
  await second.bus.ensureTopology([JOB]);
  await (await worker(JOB)).publish('status', status('first'));
  await waitFor(() => heard.includes('first'), { message: 'the status' });
  expect(found(second)).toBe(1);
});

test('deletes the marker with a topology, and declares all of it when the job is back', async () => {
  const first = await scheduler();
  await first.bus.ensureTopology([JOB]);
  const hand = await worker(JOB);
  expect(await hand.exchangeExists(MARKER)).toBe(true);
  await first.bus.deleteTopology(JOB);
  expect(await hand.exchangeExists(MARKER)).toBe(false);
  const { bus } = await hopefulScheduler();
  const heard = await statuses(bus);
  expect(await bus.publishActions([action(JOB)])).toEqual(['confirmed']);
  expect(await hand.exchangeExists(MARKER)).toBe(true);
  expect(await hand.queuedActions()).toBe(1);
  await hand.publish('status', status('first'));
  await waitFor(() => heard.includes('first'), { message: 'the status' });
});

test('brings back, while it publishes, what was deleted by hand and is not missed by publications', async () => {
  const { bus } = await scheduler({ renewTopologiesMs: 1 });
  const heard = await statuses(bus);
  await bus.ensureTopology([JOB]);
  const hand = await worker(JOB);
  await hand.deleteExchange(JOB.statusExchange);
  await hand.declare(); // as a worker does: without the binding
  await waitFor(
    async () => {
      expect(await bus.publishActions([action(JOB)])).toEqual(['confirmed']);
      await hand.publish('status', status('again'));
      return heard.includes('again');
    },
    { intervalMs: 200, message: 'a status through the exchange that is back' },
  );
});

test('does not bring back what it is told to forget', async () => {
  const first = await scheduler();
  await first.bus.ensureTopology([JOB, OTHER]);
  const second = await hopefulScheduler();
  await second.bus.ensureTopology([JOB]);
  await first.bus.deleteTopology(JOB);
  second.bus.forgetTopologies([JOB]);
  await waitFor(() => declared(second) >= 1, { timeoutMs: 30_000, message: 'the other to be declared' });
  expect(await (await worker(OTHER)).exchangeExists(JOB.actionExchange)).toBe(false);
});

test('does not declare later what was deleted meanwhile', async () => {
  const last = topologyFor({ name: 'last' });
  await (await scheduler()).bus.ensureTopology([JOB, last]);
  const second = await hopefulScheduler();
  await second.bus.ensureTopology([JOB]);
  await second.bus.ensureTopology([last]);
  expect(found(second)).toBe(3);
  await second.bus.deleteTopology(JOB);
  await waitFor(() => declared(second) >= 2, { timeoutMs: 30_000, message: 'the others to be declared' });
  expect(await (await worker(OTHER)).exchangeExists(JOB.actionExchange)).toBe(false);
});

test('has a queue for dead letters as soon as it consumes', async () => {
  const { bus } = await scheduler();
  await statuses(bus);
  const path = `queues/${vhost.name}/${SHARED_NAMES.deadLetterQueue}`;
  const response = await waitFor(
    async () => {
      const answer = await vhost.call('GET', path);
      return answer.ok ? answer : undefined;
    },
    { message: 'the queue' },
  );
  expect(await response.json()).toMatchObject({ name: SHARED_NAMES.deadLetterQueue, durable: true });
});

test('an operator may have a virtual host make quorum queues of the queues of jobs', async () => {
  await vhost.remove();
  vhost = await createVhost(await sharedRabbitmq(), { defaultQueueType: 'quorum' });
  const { bus } = await scheduler();
  await bus.ensureTopology([JOB]);
  const queue = await (await vhost.call('GET', `queues/${vhost.name}/${JOB.actionQueue}`)).json();
  expect(queue).toMatchObject({ type: 'quorum' });
  // Both declare it again without a word of its type.
  const other = await scheduler();
  const plain = await worker(JOB);
  const received: unknown[] = [];
  await plain.consume(({ ack, messageId }) => {
    ack();
    received.push(messageId);
  });
  const heard = await statuses(bus);
  expect(await other.bus.publishActions([action(JOB)])).toEqual(['confirmed']);
  await waitFor(() => received.length === 1, { message: 'the action' });
  expect(received).toEqual([action(JOB).messageId]);
  await plain.publish('status', status(action(JOB).body.runId));
  await waitFor(() => heard.length === 1, { message: 'the status' });
});
