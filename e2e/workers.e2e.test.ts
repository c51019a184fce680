import type { Run } from '@simple-scheduler/contracts';
import { waitFor } from '@simple-scheduler/testkit';
import { sharedMongodb, sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startExampleWorker } from './support/example-worker.ts';
import { install, type Installation } from './support/installation.ts';
import { allRuns, faultsOfLedger } from './support/ledger.ts';

let system: Installation;
beforeAll(async () => {
  system = await install({
    mongodb: await sharedMongodb(),
    rabbitmq: await sharedRabbitmq(),
    settings: { SIMPLE_SCHEDULER_CLEANUP_INTERVAL: '1000' },
  });
});
afterAll(() => system?.[Symbol.asyncDispose]());

const runWhere = (id: string, isIt: (run: Run) => boolean): Promise<Run> =>
  waitFor(
    async () => {
      const run = await system.client.runs.get(id);
      return isIt(run) ? run : undefined;
    },
    { timeoutMs: 15_000 },
  );
const ended = (id: string): Promise<Run> => runWhere(id, ({ endTime }) => endTime !== undefined);

it('shares the runs of a job between two workers, of which one ends in order', async () => {
  const job = 'shared';
  const url = system.amqpUrl;
  await using one = await startExampleWorker({ language: 'node', url, jobs: [job], workMs: 150, concurrency: 1 });
  await using two = await startExampleWorker({ language: 'node', url, jobs: [job], workMs: 150, concurrency: 1 });
  await system.client.jobs.create({ name: job, interval: 100, allowConcurrentRuns: true });
  await waitFor(() => [one, two].every((worker) => worker.said('completed').length > 5), { timeoutMs: 15_000 });

  // Whoever has the long run is told to stop in the middle of it.
  const { id } = await system.client.jobs.run(job, { payload: { workMs: 1_500 } });
  const leaving = await waitFor(() => [one, two].find((worker) => worker.said('running').includes(id)));
  const staying = leaving === one ? two : one;
  const begun = leaving.said('running');
  expect(leaving.said('completed')).not.toContain(id);
  expect(await leaving.process.stop()).toBe(0);
  expect(leaving.process.lines.at(-1)).toBe('stopped');
  expect(leaving.said('running'), 'nothing was begun after the signal').toEqual(begun);
  expect(leaving.said('completed')).toEqual(begun);
  expect(await ended(id)).toMatchObject({ status: 'completed', workerId: leaving.id, output: { worker: leaving.id } });

  const before = staying.said('completed').length;
  await waitFor(() => staying.said('completed').length > before + 5);
  await system.client.jobs.pause(job);
  await waitFor(
    async () => (await system.client.runs.list({ jobName: job, status: ['pending', 'running'] })).items.length === 0,
    { timeoutMs: 20_000, message: 'all runs to end' },
  );
  const runs = await allRuns(system.client, job);
  expect(faultsOfLedger(runs, 100)).toEqual({ missing: [], doubled: [] });
  expect(runs.filter(({ status, attempt }) => status !== 'completed' || attempt !== 1)).toEqual([]);
  const done = [...one.said('running'), ...two.said('running')];
  expect(done.toSorted()).toEqual(runs.map((run) => run.id).toSorted());
});

it.each(['node', 'python'] as const)('keeps a long run at the %s worker by its heartbeats', async (language) => {
  const job = `long-${language}`;
  await system.client.jobs.create({ name: job, heartbeatTimeout: 1_500 });
  await using worker = await startExampleWorker({ language, url: system.amqpUrl, jobs: [job] });
  const { id } = await system.client.jobs.run(job, { payload: { workMs: 4_000 } });
  const half = await runWhere(id, ({ progress = 0 }) => progress > 0.4);
  expect(half).toMatchObject({ status: 'running', attempt: 1, workerId: worker.id });
  const run = await ended(id);
  expect(run).toMatchObject({ status: 'completed', attempt: 1, workerId: worker.id });
  expect(Date.parse(run.endTime ?? '') - Date.parse(run.startTime ?? '')).toBeGreaterThan(3_000);
});

it('serves jobs that share a work queue, with workers of different languages', async () => {
  const queues = ['mail'];
  const jobs = ['letters', 'postcards', 'parcels'];
  for (const name of jobs)
    await system.client.jobs.create({ name, workQueue: 'mail', interval: 300, allowConcurrentRuns: true });
  // Their topology is the queue's: none of their own.
  await using node = await startExampleWorker({ language: 'node', url: system.amqpUrl, queues, concurrency: 1 });
  await using python = await startExampleWorker({ language: 'python', url: system.amqpUrl, queues, concurrency: 1 });
  const completed = (what: string): number =>
    [node, python]
      .flatMap((worker) => worker.process.lines.map((line) => `${line} at ${worker.id}`))
      .filter((line) => line.startsWith('completed ') && line.includes(what)).length;
  await waitFor(() => [...jobs, node.id, python.id].every((what) => completed(` ${what}`) > 3), {
    timeoutMs: 20_000,
    message: () =>
      `runs of all jobs at both workers; done: ${node.process.lines.length}, ${python.process.lines.length}`,
  });

  const failing = await system.client.jobs.run('letters', { payload: { fail: 'no stamps left' } });
  expect(await ended(failing.id)).toMatchObject({ status: 'failed', error: expect.stringMatching(/no stamps left/) });
  for (const job of jobs) await system.client.jobs.pause(job);
  const endless = await system.client.jobs.run('parcels', { payload: { workMs: 120_000 } });
  await runWhere(endless.id, ({ status }) => status === 'running');
  await system.client.runs.cancel(endless.id);
  expect(await ended(endless.id)).toMatchObject({ status: 'cancelled' });
  for (const job of jobs) {
    const runs = await allRuns(system.client, job);
    expect(faultsOfLedger(runs, 300), job).toEqual({ missing: [], doubled: [] });
    expect(runs.filter(({ attempt }) => attempt !== 1)).toEqual([]);
  }
});
