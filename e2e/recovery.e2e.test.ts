import { startRabbitmq, waitFor } from '@simple-scheduler/testkit';
import { sharedMongodb, sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import type { Run } from '@simple-scheduler/contracts';
import { expect, it } from 'vitest';
import { install } from './support/installation.ts';
import { allRuns, faultsOfLedger } from './support/ledger.ts';
import { answerCompleted, startPlainWorker } from './support/plain-worker.ts';

const quick = { SIMPLE_SCHEDULER_CLEANUP_INTERVAL: '1000' };

it('gives the run of a worker that died to another, and ignores what the first says late', async () => {
  await using system = await install({
    mongodb: await sharedMongodb(),
    rabbitmq: await sharedRabbitmq(),
    settings: quick,
  });
  await system.client.jobs.create({ name: 'fragile', heartbeatTimeout: 1_500 });
  // The first worker takes the run and falls silent.
  const first = await startPlainWorker({
    url: system.amqpUrl,
    jobs: ['fragile'],
    onAction: ({ runId, attempt }, worker) => worker.say('fragile', 'status', { runId, attempt, status: 'running' }),
  });
  const { id } = await system.client.jobs.run('fragile');
  const state = (wanted: (run: Run) => boolean): Promise<Run> =>
    waitFor(async () => {
      const run = await system.client.runs.get(id);
      return wanted(run) ? run : undefined;
    });
  await state((run) => run.status === 'running');
  await first.die();

  const pending = await state((run) => run.status === 'pending');
  expect(pending).toMatchObject({ attempt: 2, attempts: [{ attempt: 1, outcome: 'lost' }] });

  await using second = await startPlainWorker({
    url: system.amqpUrl,
    jobs: ['fragile'],
    onAction: ({ runId, attempt }, worker) =>
      worker.say('fragile', 'status', { runId, attempt, status: 'running', workerId: 'second' }),
  });
  await state((run) => run.status === 'running');
  await second.say('fragile', 'status', { runId: id, attempt: 1, status: 'completed', output: 'from the dead' });
  await second.say('fragile', 'status', { runId: id, attempt: 2, status: 'completed', output: 'from the living' });
  const done = await state((run) => run.status === 'completed');
  expect(done).toMatchObject({ attempt: 2, output: 'from the living', workerId: 'second' });
  expect(second.receipts).toMatchObject([{ runId: id, attempt: 2, action: 'run' }]);
});

it('loses no run and no status over a restart of the broker', async () => {
  await using rabbitmq = await startRabbitmq();
  await using system = await install({
    mongodb: await sharedMongodb(),
    rabbitmq,
    vhost: false,
    schedulers: 2,
    settings: quick,
  });
  const names = Array.from({ length: 20 }, (_, i) => `steady-${i}`);
  for (const name of names) await system.client.jobs.create({ name, interval: 500, allowConcurrentRuns: true });
  const worker = await startPlainWorker({ url: system.amqpUrl, jobs: names });
  await waitFor(() => worker.receipts.length > 100, { timeoutMs: 20_000 });
  const before = worker.receipts.length;
  expect(before).toBeGreaterThan(100);

  const down = rabbitmq.restart();
  await worker.die();
  await down;
  await using again = await waitFor(() => startPlainWorker({ url: system.amqpUrl, jobs: names }), {
    timeoutMs: 30_000,
  });
  await waitFor(() => again.receipts.length > 200, {
    timeoutMs: 40_000,
    message: () => `${again.receipts.length} runs after the restart`,
  });
  for (const name of names) await system.client.jobs.pause(name);

  // Every run that was admitted reaches a worker and its end.
  const open = async (): Promise<readonly Run[]> =>
    (await system.client.runs.list({ status: ['pending', 'running'], limit: 500 })).items;
  await waitFor(async () => (await open()).length === 0, { timeoutMs: 30_000, message: 'all runs to end' });
  for (const name of names) {
    const runs = await allRuns(system.client, name);
    expect(faultsOfLedger(runs, 500), name).toEqual({ missing: [], doubled: [] });
    expect(runs.filter((run) => run.status !== 'completed' && run.status !== 'skipped')).toEqual([]);
  }
});

it('keeps a job whose creation was answered, whatever happens to the API', async () => {
  await using system = await install({ mongodb: await sharedMongodb(), rabbitmq: await sharedRabbitmq() });
  for (let i = 0; i < 5; i += 1) {
    const response = await fetch(`${system.apiUrl}/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: `kept-${i}`, interval: 1_000 }),
    });
    expect(response.status).toBe(201);
    await system.api.kill();
    await system.startApi();
    expect(await system.client.jobs.get(`kept-${i}`)).toMatchObject({ name: `kept-${i}`, interval: 1_000 });
  }
  // And a scheduler knows of it, and of what a worker answers.
  await using worker = await startPlainWorker({ url: system.amqpUrl, jobs: ['kept-4'], onAction: answerCompleted });
  await waitFor(
    async () => (await system.client.runs.list({ jobName: 'kept-4', status: ['completed'] })).items.length > 0,
  );
  expect(worker.receipts.length).toBeGreaterThan(0);
});
