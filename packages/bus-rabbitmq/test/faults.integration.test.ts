import {
  openRabbitBus,
  type RabbitBus,
  type RabbitBusOptions,
  TopologyRefusedError,
} from '@simple-scheduler/bus-rabbitmq';
import { type Topology, topologyFor } from '@simple-scheduler/contracts';
import { BusUnavailableError, type BusState, type OutgoingAction } from '@simple-scheduler/engine';
import {
  createVhost,
  freePort,
  type RabbitmqServer,
  startRabbitmq,
  type Vhost,
  waitFor,
} from '@simple-scheduler/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { countingMeter } from './counting-meter.ts';
import { action, status, statuses } from './messages.ts';
import { rawWorker } from './raw-worker.ts';
import { recordingLog } from './recording-log.ts';

const JOB = topologyFor({ name: 'a-job' });
const OTHER = topologyFor({ name: 'other' });

let server: RabbitmqServer; // its own, because alarms and pauses concern all that use it
let vhost: Vhost;
let opened: RabbitBus[];

beforeAll(async () => {
  server = await startRabbitmq();
});
afterAll(async () => {
  await server.remove();
});
beforeEach(async () => {
  vhost = await createVhost(server);
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((bus) => bus.close()));
  await vhost.remove();
});

function open(options: Partial<RabbitBusOptions> = {}): RabbitBus {
  const bus = openRabbitBus({ url: vhost.url, publishDeadlineMs: 5_000, retryDelayMs: 50, ...options });
  opened.push(bus);
  return bus;
}

async function connected(options: Partial<RabbitBusOptions> = {}): Promise<RabbitBus> {
  const bus = open(options);
  await bus.connect({ timeoutMs: 10_000 });
  return bus;
}

/**
 * Ends when the bus knows that it is blocked. The broker tells a connection so when that one publishes next after its alarm, of which
 * its parts hear one by one: what is published meanwhile may still be confirmed. Returns what comes of each of those publications.
 */
async function raiseAlarm(bus: RabbitBus): Promise<Promise<string[]>[]> {
  await server.control('set_vm_memory_high_watermark', 'absolute', '1MB');
  const caught: Promise<string[]>[] = [];
  await waitFor(() => bus.state() === 'blocked' || void caught.push(bus.publishActions([action(JOB)])), {
    message: 'the bus to be blocked',
  });
  return caught;
}

async function endAlarm(): Promise<void> {
  await server.control('set_vm_memory_high_watermark', 'absolute', '1GiB');
}

test('is blocked under a memory alarm: answers unconfirmed in time, goes on consuming, and publishes afterwards', async () => {
  const bus = await connected({ publishDeadlineMs: 1_500 });
  const states: BusState[] = [];
  bus.onStateChange((state) => states.push(state));
  await bus.publishActions([action(JOB)]);
  const heard = await statuses(bus);
  const worker = await rawWorker(vhost.url, JOB);
  await worker.publish('status', status('before'));
  await waitFor(() => heard.includes('before'), { message: 'the status before the alarm' });

  try {
    const caught = await raiseAlarm(bus);
    expect((await Promise.all(caught)).flat()).toContain('unconfirmed');
    const startedAt = performance.now();
    const outcomes = await bus.publishActions([action(JOB, 2), action(OTHER, 3)]);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(outcomes).toEqual(['unconfirmed', 'unconfirmed']);
    await bus.ensureTopology([topologyFor({ name: 'declared-while-blocked' })]);
  } finally {
    await endAlarm();
  }
  await waitFor(() => bus.state() === 'connected', { message: 'the bus to be free' });
  expect(await bus.publishActions([action(JOB, 5), action(OTHER, 6)])).toEqual(['confirmed', 'confirmed']);
  await worker.publish('status', status('after'));
  await waitFor(() => heard.includes('after'), { message: 'the status after the alarm' });
  expect(states).toEqual(['blocked', 'connected']);
  await worker.die();
});

test('publishes while it waits for the alarm to end, where that comes before the deadline', async () => {
  const bus = await connected({ publishDeadlineMs: 20_000 });
  await bus.publishActions([action(JOB)]);
  const publishing: Promise<string[]>[] = [];
  try {
    publishing.push(...(await raiseAlarm(bus)));
    publishing.push(bus.publishActions(Array.from({ length: 600 }, (_, i) => action(JOB, i))));
  } finally {
    await endAlarm();
  }
  expect(new Set((await Promise.all(publishing)).flat())).toEqual(new Set(['confirmed']));
});

test('comes back when the broker closes its connections, and publishes what was on its way', async () => {
  const bus = await connected();
  const states: BusState[] = [];
  bus.onStateChange((state) => states.push(state));
  const heard = await statuses(bus);
  await bus.publishActions([action(JOB)]);
  const closing = vhost.closeConnections(2);
  let isClosed = false;
  void closing.then(() => {
    isClosed = true;
  });
  const outcomes: string[] = [];
  for (let i = 0; !isClosed || bus.state() !== 'connected'; i++) {
    outcomes.push(...(await bus.publishActions([action(JOB, i), action(OTHER, i)])));
  }
  expect(await closing).toBeGreaterThanOrEqual(2);
  expect(new Set(outcomes)).toEqual(new Set(['confirmed']));
  const worker = await rawWorker(vhost.url, JOB);
  await worker.publish('status', status('after'));
  await waitFor(() => heard.includes('after'), { message: 'a status after the reconnect' });
  await waitFor(() => states.includes('connecting') && states.at(-1) === 'connected');
  await worker.die();
});

test('notices a broker that stops answering, and goes on once it answers again', async () => {
  const bus = await connected({ heartbeatSeconds: 1, publishDeadlineMs: 1_000 });
  await bus.publishActions([action(JOB)]);
  await server.pause();
  try {
    expect(await bus.publishActions([action(JOB, 2)])).toEqual(['unconfirmed']);
    await waitFor(() => bus.state() === 'connecting', { message: 'the loss to be noticed' });
  } finally {
    await server.unpause();
  }
  await waitFor(() => bus.state() === 'connected', { timeoutMs: 20_000, message: 'the bus to be back' });
  expect(await bus.publishActions([action(JOB, 3)])).toEqual(['confirmed']);
});

test('says once which exchange was declared otherwise, publishes the others, and takes it when it is put right', async () => {
  const worker = await rawWorker(vhost.url, JOB);
  await worker.declareWrongly(JOB.statusExchange);
  const log = recordingLog();
  const bus = await connected({ log });
  for (let i = 0; i < 5; i++) {
    expect(await bus.publishActions([action(JOB, i), action(OTHER, i)])).toEqual(['unconfirmed', 'confirmed']);
  }
  await expect(bus.ensureTopology([OTHER, JOB])).rejects.toThrow(TopologyRefusedError);
  expect(bus.problems()).toEqual([expect.stringContaining(JOB.statusExchange)]);
  expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([expect.stringContaining(JOB.statusExchange)]);

  await worker.deleteExchange(JOB.statusExchange);
  await vhost.closeConnections(3); // an operator may also wait until the refusal is no longer believed
  await waitFor(async () => (await bus.publishActions([action(JOB, 9)]))[0] === 'confirmed', { timeoutMs: 30_000 });
  expect(bus.problems()).toEqual([]);
});

test('says once that a shared queue was declared otherwise, and consumes it when it is put right', async () => {
  const worker = await rawWorker(vhost.url, JOB);
  await worker.declareQueueWrongly('scheduler.status');
  const log = recordingLog();
  const bus = await connected({ log, publishDeadlineMs: 1_000 });
  const heard = await statuses(bus);
  expect(await bus.publishActions([action(JOB)])).toEqual(['unconfirmed']);
  await expect(bus.ensureTopology([OTHER])).rejects.toThrow('queue scheduler.status');
  expect(bus.problems()).toEqual([expect.stringContaining('queue scheduler.status')]);
  expect(log.lines.filter((line) => line.startsWith('error')).length).toBe(1);

  await worker.deleteQueue('scheduler.status');
  await waitFor(() => bus.problems().length === 0, { timeoutMs: 30_000, message: 'the queue to be declared' });
  await bus.ensureTopology([topologyFor({ name: 'third' })]);
  const third = await rawWorker(vhost.url, topologyFor({ name: 'third' }));
  await third.publish('status', status('heard'));
  await waitFor(() => heard.includes('heard'), { message: 'a status' });
  await Promise.all([worker.die(), third.die()]);
});

test('declares a shared queue again that was deleted under its consumer, with the bindings of all it knows', async () => {
  const bus = await connected();
  const heard = await statuses(bus);
  await bus.ensureTopology([JOB, OTHER]);
  const worker = await rawWorker(vhost.url, JOB);
  await worker.deleteQueue('scheduler.status');
  await waitFor(
    async () => {
      await worker.publish('status', status('again'));
      return heard.includes('again');
    },
    { message: 'a status through the new queue' },
  );
  await worker.die();
});

test('declares 200 topologies within seconds, each once', async () => {
  const meter = countingMeter();
  const bus = await connected({ meter });
  const topologies = Array.from({ length: 200 }, (_, i) => topologyFor({ name: `job-${i}` }));
  const startedAt = performance.now();
  await Promise.all([bus.ensureTopology(topologies), bus.ensureTopology(topologies)]);
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  await bus.publishActions(topologies.map((topology, i) => action(topology, i)));
  expect(meter.of('topologies_declared_total')).toBe(200);
});

test('publishes a call far larger than its window, in order', async () => {
  const bus = await connected({ window: 7 });
  expect(new Set(await bus.publishActions(Array.from({ length: 300 }, (_, i) => action(JOB, i))))).toEqual(
    new Set(['confirmed']),
  );
  const worker = await rawWorker(vhost.url, JOB);
  const taken: string[] = [];
  await worker.consume(({ messageId, ack }) => {
    taken.push(messageId ?? '');
    ack();
  });
  await waitFor(() => taken.length === 300, { message: 'all actions' });
  expect(taken).toEqual(taken.toSorted());
  await worker.die();
});

test('never shows the password, whatever goes wrong', async () => {
  const log = recordingLog();
  const address = new URL(vhost.url);
  address.password = 'hush-hush';
  const bus = open({ url: address.href, log, publishDeadlineMs: 500 });
  const failure = await bus.connect({ timeoutMs: 1_500 }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(BusUnavailableError);
  expect((failure as Error).message).toMatch(/ACCESS.REFUSED/);
  expect(await bus.publishActions([action(JOB)])).toEqual(['unconfirmed']);
  const shown = [...log.lines, String(failure), JSON.stringify(failure, Object.getOwnPropertyNames(failure))].join(
    '\n',
  );
  expect(log.lines.length).toBeGreaterThan(0);
  expect(shown).not.toContain('hush');
});

test('answers within its deadline where nobody listens, and closes at once', async () => {
  const bus = open({ url: `amqp://guest:guest@127.0.0.1:${await freePort()}`, publishDeadlineMs: 300 });
  await expect(bus.connect({ timeoutMs: 200 })).rejects.toThrow(BusUnavailableError);
  expect(await bus.publishActions([action(JOB)])).toEqual(['unconfirmed']);
  await expect(bus.ensureTopology([JOB])).rejects.toThrow(BusUnavailableError);
  await expect(bus.deleteTopology(JOB)).rejects.toThrow(BusUnavailableError);
  await bus.announce({ type: 'jobs_freed' });
  const startedAt = performance.now();
  await bus.close();
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(bus.state()).toBe('closed');
});

test('says once for each of its connections that nobody listens, however often it tries', async () => {
  const log = recordingLog();
  open({ url: `amqp://guest:guest@127.0.0.1:${await freePort()}`, reconnectDelayMaxMs: 20, log })
    .connect()
    .catch(() => {});
  const told = (level: string): string[] => log.lines.filter((line) => line.startsWith(level));
  await waitFor(() => told('debug').length > 10, { message: 'further attempts' });
  expect(told('warn')).toEqual([expect.stringContaining('ECONNREFUSED'), expect.stringContaining('ECONNREFUSED')]);
});

test('loses nothing confirmed while exchanges vanish and connections break', async () => {
  const bus = await connected();
  const topologies = Array.from({ length: 20 }, (_, i) => topologyFor({ name: `job-${i}` }));
  const confirmed = new Set<string>();
  let next = 0;
  let isCalm = false;
  const publishers = Array.from({ length: 4 }, async () => {
    while (!isCalm) {
      const actions = Array.from({ length: 40 }, () => action(topologies[next % 20] as Topology, next++));
      const outcomes = await bus.publishActions(actions);
      for (const [i, outcome] of outcomes.entries()) {
        if (outcome === 'confirmed') confirmed.add((actions[i] as OutgoingAction).messageId);
      }
    }
  });
  const closing = vhost.closeConnections(2); // when the broker knows them: somewhere in the middle
  closing.catch(() => {});
  for (let i = 0; i < 20; i++) {
    const vandal = await rawWorker(vhost.url, OTHER);
    const already = confirmed.size;
    await vandal.deleteExchange((topologies[i] as Topology).actionExchange).catch(() => {}); // cut off too
    await vandal.die().catch(() => {});
    await waitFor(() => confirmed.size > already + 200, { message: 'publishing to go on' });
  }
  expect(await closing).toBeGreaterThanOrEqual(2);
  isCalm = true;
  await Promise.all(publishers);

  const taken = new Set<string>();
  for (const topology of topologies) {
    const worker = await rawWorker(vhost.url, topology);
    await worker.consume(({ messageId, ack }) => {
      taken.add(messageId ?? '');
      ack();
    });
  }
  await waitFor(() => [...confirmed].every((id) => taken.has(id)), { timeoutMs: 20_000, message: 'all confirmed' });
});

test('users and passwords may have any characters, and a virtual host that is refused is said to be', async () => {
  const [user, password] = ['jürgen', 'pä:ss/wört€'];
  await vhost.call('PUT', `users/${encodeURIComponent(user)}`, { password, tags: '' });
  const url = new URL(vhost.url);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password);
  const bus = open({ url: url.href });
  await expect(bus.connect({ timeoutMs: 1_000 })).rejects.toThrow(
    /the virtual host does not exist, or the user has no rights in it/,
  );
  const rights = { configure: '.*', write: '.*', read: '.*' };
  await vhost.call('PUT', `permissions/${encodeURIComponent(vhost.name)}/${encodeURIComponent(user)}`, rights);
  await bus.connect({ timeoutMs: 20_000 });
});
