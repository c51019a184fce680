import type { Run, RunStatus } from '@simple-scheduler/contracts';
import { waitFor } from '@simple-scheduler/testkit';
import { sharedMongodb, sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CommandLine, commandLine } from './support/command-line.ts';
import { type ExampleWorkerOptions, startExampleWorker } from './support/example-worker.ts';
import { install, type Installation } from './support/installation.ts';

const LONG_MS = 120_000;

let system: Installation;
let sched: CommandLine;
beforeAll(async () => {
  system = await install({
    mongodb: await sharedMongodb(),
    rabbitmq: await sharedRabbitmq(),
    settings: { SIMPLE_SCHEDULER_CLEANUP_INTERVAL: '1000' },
  });
  sched = await commandLine(system.apiUrl);
});
afterAll(async () => {
  await sched?.[Symbol.asyncDispose]();
  await system?.[Symbol.asyncDispose]();
});

const run = async (job: string): Promise<string> => (await sched.json<Run>(`run job ${job}`)).id;
const shown = (id: string): Promise<Run> => sched.json<Run>(`get run ${id}`);
const addJob = async (line: string): Promise<void> => {
  expect(await sched(`add job ${line}`)).toMatchObject({ code: 0 });
};
const cancel = async (id: string): Promise<void> => {
  expect(await sched(`cancel run ${id}`)).toMatchObject({ code: 0, stderr: expect.stringContaining(id) });
};
const until = (id: string, status: RunStatus): Promise<Run> =>
  waitFor(
    async () => {
      const found = await system.client.runs.get(id);
      return found.status === status ? found : undefined;
    },
    { timeoutMs: 15_000, message: `${id} to be ${status}` },
  );
const worker = (
  language: ExampleWorkerOptions['language'],
  job: string,
  workMs: number,
): ReturnType<typeof startExampleWorker> =>
  startExampleWorker({ language, url: system.amqpUrl, jobs: [job], workMs, concurrency: 1 });

it('cancels a pending run that nobody takes, once its cancel timeout has passed', async () => {
  await addJob('-n nobody --cancel-timeout 1s');
  const id = await run('nobody');
  await waitFor(async () => (await shown(id)).publishedAt !== undefined);
  expect(await shown(id)).toMatchObject({ status: 'pending' });
  await cancel(id);
  const cancelled = await until(id, 'cancelled');
  expect(cancelled).not.toHaveProperty('startTime');
  expect(cancelled.endTime).toBeDefined();
  expect(await shown(id)).toMatchObject({ status: 'cancelled' });
  // Asked for once more, it still is what was asked for.
  await cancel(id);
});

it('cancels a pending run with the worker that comes after all', async () => {
  await addJob('-n late');
  const id = await run('late');
  await until(id, 'pending');
  await cancel(id);
  expect(await shown(id)).toMatchObject({ status: 'cancelling' });
  await using late = await worker('node', 'late', LONG_MS);
  await until(id, 'cancelled');
  await waitFor(() => late.said('cancelled').includes(id));
  expect(late.said('completed')).toEqual([]);
});

it('cancels a waiting run, which no worker ever sees, and the next one has its turn', async () => {
  await addJob('-n in-line -q 2');
  await using at = await worker('node', 'in-line', LONG_MS);
  const first = await run('in-line');
  await until(first, 'running');
  const [second, third] = [await run('in-line'), await run('in-line')];
  expect(await shown(second)).toMatchObject({ status: 'pending' });
  expect(await shown(second)).not.toHaveProperty('publishedAt');

  await cancel(second);
  const cancelled = await until(second, 'cancelled');
  expect(cancelled).not.toHaveProperty('publishedAt');
  expect(await shown(first)).toMatchObject({ status: 'running' });
  await cancel(first);
  await until(third, 'running');
  await cancel(third);
  await until(third, 'cancelled');
  await waitFor(() => at.said('cancelled').length === 2);
  expect(at.said('running')).toEqual([first, third]);
});

it.each(['node', 'python'] as const)('stops a running run at the %s worker that has it', async (language) => {
  const job = `long-${language}`;
  await addJob(`-n ${job} -c`);
  await using one = await worker(language, job, LONG_MS);
  await using other = await worker(language, job, LONG_MS);
  const ids = [await run(job), await run(job)];
  for (const id of ids) await until(id, 'running');
  const holder = one.said('running').includes(ids[0] ?? '') ? one : other;
  const bystander = holder === one ? other : one;

  const [id = '', goesOn = ''] = ids;
  await cancel(id);
  await holder.process.line((line) => line.startsWith(`cancelled ${job} ${id}`), 5_000);
  const cancelled = await until(id, 'cancelled');
  expect(cancelled).toMatchObject({ workerId: holder.id, attempt: 1 });
  expect(await shown(id)).toMatchObject({ status: 'cancelled' });
  expect(await shown(goesOn)).toMatchObject({ status: 'running', workerId: bystander.id });
  await cancel(goesOn);
  await until(goesOn, 'cancelled');
});

it('refuses to cancel what has ended otherwise, and says so', async () => {
  await addJob('-n short');
  await using _short = await worker('node', 'short', 1);
  const id = await run('short');
  await until(id, 'completed');
  const refused = await sched(`cancel run ${id}`);
  expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('completed') });
  expect(await shown(id)).toMatchObject({ status: 'completed' });
});
