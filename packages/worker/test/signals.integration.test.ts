// Signals end the process that gets them: checked on one of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { expect, onTestFinished, test } from 'vitest';
import { AmqpSide } from './amqp-side.ts';
import { action } from './scheduler-side.ts';

const sdk = new URL('../src/index.ts', import.meta.url).href;

/** Two workers in one process: one has a run to finish, the other has nothing to do. */
const PROGRAM = `
import { createWorker } from ${JSON.stringify(sdk)};
const url = process.argv[2];
const busy = async () => {
  console.log('busy');
  await new Promise((resolve) => process.once('SIGTERM', () => setTimeout(resolve, 1_000)));
  return 'in time';
};
const workers = [
  createWorker({ url, handleSignals: true, jobs: { 'a-job': busy } }),
  createWorker({ url, handleSignals: true, jobs: { 'b-job': () => undefined } }),
];
await Promise.all(workers.map((worker) => worker.start()));
console.log('ready');
`;

test('a process with two workers ends when both have stopped', async () => {
  await using side = await AmqpSide.open(await sharedRabbitmq());
  await side.declare({ name: 'a-job' });
  const folder = await mkdtemp(join(tmpdir(), 'simple-scheduler-worker-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'two-workers.mts');
  await writeFile(file, PROGRAM);
  const child = spawn(process.execPath, ['--conditions=x-source', file, side.vhost.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('ready');
  await side.send(action(1));
  expect((await lines.next()).value).toBe('busy');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  await expect.poll(() => side.heard.lastOf(1), { timeout: 5_000 }).toMatchObject({ output: 'in time' });
});
