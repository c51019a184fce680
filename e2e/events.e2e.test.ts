import { type Client, createClient, type SchedulerEvent } from '@simple-scheduler/client';
import { freePort, privateFolder, removeFolder, waitFor } from '@simple-scheduler/testkit';
import { sharedMongodb, sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { expect, it } from 'vitest';
import { startExampleWorker } from './support/example-worker.ts';
import { install } from './support/installation.ts';
import { allRuns } from './support/ledger.ts';
import { startService } from './support/service.ts';
import { startStandalone } from './support/standalone.ts';

const PATIENCE = { timeoutMs: 30_000, intervalMs: 50 };

/** Follows in the background, from `after` on. */
function follow(client: Client, after?: string) {
  const abort = new AbortController();
  const events: SchedulerEvent[] = [];
  const read = async (): Promise<void> => {
    const options = { signal: abort.signal, ...(after === undefined ? {} : { after }) };
    for await (const event of client.events(options)) events.push(event);
  };
  const ended = read().catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  return {
    events,
    ready: () => waitFor(() => events.some(({ type }) => type === 'ready'), PATIENCE),
    /** The last status of each run that it was told of. */
    statuses: () =>
      new Map(events.flatMap((event) => (event.type === 'run.changed' ? [[event.run.id, event.run.status]] : []))),
    stop: async (): Promise<string | undefined> => {
      abort.abort();
      await ended;
      return events.at(-1)?.id;
    },
  };
}

/** Waits until the job is at rest, and holds what the followers have been told against its runs. */
async function expectAllTold(client: Client, job: string, told: () => Map<string, string>): Promise<void> {
  await client.jobs.pause(job);
  const live = { jobName: job, status: ['pending', 'running'] as const };
  await waitFor(async () => (await client.runs.list(live)).items.length === 0, PATIENCE);
  const runs = await allRuns(client, job);
  const statuses = Object.fromEntries(runs.map(({ id, status }) => [id, status]));
  expect(runs.length).toBeGreaterThan(10);
  await waitFor(() => runs.every(({ id, status }) => told().get(id) === status), {
    ...PATIENCE,
    message: () => `the end of all runs; told: ${JSON.stringify([...told()])}, there are ${JSON.stringify(statuses)}`,
  });
}

it('tells the same by every API, of what other processes do, and loses nothing when an API is killed or stopped', async () => {
  await using system = await install({ mongodb: await sharedMongodb(), rabbitmq: await sharedRabbitmq() });
  const port = await freePort();
  const second = await startService('api', {
    ...system.env,
    SIMPLE_SCHEDULER_API_URL: `127.0.0.1:${port}`,
    SIMPLE_SCHEDULER_AUTH: 'none',
  });
  const other = createClient({ baseUrl: `http://127.0.0.1:${port}/api` });
  const job = 'told';
  await using worker = await startExampleWorker({ language: 'node', url: system.amqpUrl, jobs: [job], workMs: 20 });
  const [here, there] = [follow(system.client), follow(other)];
  await Promise.all([here.ready(), there.ready()]);
  await system.client.jobs.create({ name: job, interval: 100, allowConcurrentRuns: true });
  await waitFor(() => [here, there].every(({ statuses }) => statuses().size > 5), PATIENCE);
  expect(worker.said('running').length).toBeGreaterThan(0);

  // One is killed and comes back: its client goes on by itself.
  await system.api.kill();
  const before = there.statuses().size;
  await waitFor(() => there.statuses().size > before + 5, PATIENCE);
  await system.startApi();
  await waitFor(() => here.events.filter(({ type }) => type === 'ready').length === 2, PATIENCE);
  // The other one is stopped with an open stream: it ends at once, and its client goes on elsewhere.
  expect(await second.stop()).toBe(0);
  const moved = follow(system.client, await there.stop());
  await moved.ready();
  await expectAllTold(system.client, job, here.statuses);
  await expectAllTold(system.client, job, () => new Map([...there.statuses(), ...moved.statuses()]));
  const all = [here, there, moved].flatMap(({ events }) => events);
  expect(all.filter(({ type }) => type === 'reset')).toEqual([]);
  expect(all.filter((event) => event.type === 'job.changed' && event.job.name === job).length).toBeGreaterThan(3);
  await Promise.all([here.stop(), moved.stop()]);
});

it('tells of everything over a restart of the standalone service', async () => {
  const folder = await privateFolder('events');
  const settings = { API_URL: `:${await freePort()}`, HEALTH_URL: '127.0.0.1:0' };
  let service = await startStandalone(folder, settings);
  const job = 'hello';
  const following = follow(service.client);
  await following.ready();
  await service.client.jobs.update(job, { interval: 100, allowConcurrentRuns: true });
  await waitFor(() => following.statuses().size > 5, PATIENCE);
  // Stopped with an open stream, then killed: each time its client goes on by itself.
  expect(await service.process.stop()).toBe(0);
  service = await startStandalone(folder, settings);
  await waitFor(() => following.statuses().size > 15, PATIENCE);
  await service.process.kill();
  service = await startStandalone(folder, settings);
  await expectAllTold(service.client, job, following.statuses);
  expect(following.events.filter(({ type }) => type === 'reset')).toEqual([]);
  await following.stop();
  expect(await service.process.stop()).toBe(0);
  await removeFolder(folder);
});
