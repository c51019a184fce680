// The example workers, as processes: what any worker owes the scheduler, checked from outside.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { obtainPython, startRabbitmq } from '@simple-scheduler/testkit';
import { sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { AmqpSide } from './amqp-side.ts';
import { action, cancelOf, runId } from './scheduler-side.ts';

const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));

const LANGUAGES: [string, () => Promise<[command: string, ...args: string[]]>][] = [
  ['node', async () => [process.execPath, '--conditions=x-source', `${examples}worker-node/worker.ts`]],
  ['python', async () => [await obtainPython(), `${examples}worker-python/worker.py`]],
];

let side: AmqpSide;
const children: ChildProcess[] = [];

beforeEach(async () => {
  side = await AmqpSide.open(await sharedRabbitmq());
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await side[Symbol.asyncDispose]();
});

function eventually(assertion: () => void | Promise<void>, timeoutMs = 15_000): Promise<void> {
  return vi.waitFor(assertion, { timeout: timeoutMs, interval: 20 });
}

async function temporaryFile(name: string, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'simple-scheduler-worker-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

interface Example {
  readonly process: ChildProcess;
  readonly lines: string[];
}

async function start(command: () => Promise<[string, ...string[]]>, ...options: string[]): Promise<Example> {
  const [file, ...args] = await command();
  const child = spawn(file, [...args, ...options], {
    env: { ...process.env, AMQP_URL: side.vhost.url, WORKER_JOBS: 'of-the-environment' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await eventually(() => expect(lines.some((line) => line.startsWith('ready '))).toBe(true));
  return { process: child, lines };
}

describe.each(LANGUAGES)('the example worker in %s', (_language, command) => {
  test('does runs of its jobs and its work queues, and says so', async () => {
    await side.declare({ name: 'a-job' });
    const { lines } = await start(command, '--job', 'a-job', '--queue', 'mail', '--work-ms', '20');
    await side.declare({ name: 'letters', workQueue: 'mail' });
    await side.sendBytes('a-job', 'rubbish');
    await side.sendBytes('a-job', '[1]', 'cancel');
    await side.send(action(1, { attempt: 3 }), action(2, { payload: { fail: 'out of paper' } }));
    await side.sendTo('mail', action(3, { jobName: 'letters' }));
    await eventually(() =>
      expect([1, 2, 3].map((n) => side.heard.of(n).at(-1))).toEqual(['completed', 'failed', 'completed']),
    );
    expect(side.heard.of(1)).toEqual(['running', 'completed']);
    expect(side.heard.lastOf(1)).toMatchObject({ attempt: 3, output: { worker: side.heard.lastOf(1)?.workerId } });
    expect(side.heard.lastOf(2)?.error).toContain('out of paper');
    await eventually(() => expect(lines).toContain(`completed a-job ${runId(1)} 3`));
    expect(lines).toContain(`running a-job ${runId(1)} 3`);
    await side.send(action(1, { attempt: 3 }));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed', 'completed']));
    expect(await side.readyIn('a-job')).toBe(0);
  });

  test('shows life in long work, and hears a cancel in it', async () => {
    await side.declare({ name: 'a-job' });
    await start(command, '--job', 'a-job', '--work-ms', '60000');
    await side.send(action(1, { heartbeatTimeout: 300 }));
    await eventually(() => expect(side.heard.heartbeats.length).toBeGreaterThan(3));
    expect(side.heard.heartbeats.at(-1)).toMatchObject({ jobName: 'a-job', runId: runId(1), attempt: 1 });
    const startedAt = performance.now();
    await side.send(cancelOf(1), cancelOf(2));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'cancelled']));
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    await side.send(action(2));
    await eventually(() => expect(side.heard.of(2)).toEqual(['cancelled']));
  });

  test('keeps its run over a lost connection, and tells how it ended', async () => {
    await side.declare({ name: 'a-job' });
    const { lines } = await start(command, '--job', 'a-job', '--work-ms', '3000');
    await side.send(action(1));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running']));
    await side.vhost.closeConnections(2);
    await side.connect();
    await eventually(() => expect(side.heard.of(1).at(-1)).toBe('completed'));
    expect(lines.filter((line) => line.startsWith('running '))).toEqual([`running a-job ${runId(1)} 1`]);
  });

  test('leaves to others what it cannot start', async () => {
    await side.declare({ name: 'a-job' });
    await start(command, '--job', 'a-job', '--work-ms', '60000', '--concurrency', '1');
    await side.send(action(1), action(2));
    await eventually(() => expect(side.heard.with('running').length).toBe(1));
    await start(command, '--job', 'a-job', '--work-ms', '10', '--concurrency', '1');
    await eventually(() => expect(side.heard.with('completed').length).toBe(1));
  });

  test('ends what goes on when told to stop, and exits with 0', async () => {
    await side.declare({ name: 'a-job' });
    const example = await start(command, '--job', 'a-job', '--work-ms', '1000', '--concurrency', '1');
    await side.send(action(1), action(2));
    // A worker whose `running` has no confirm yet gives the run back.
    await eventually(() => expect(example.lines.some((line) => line.startsWith('running '))).toBe(true));
    example.process.kill('SIGTERM');
    const [code, signal] = (await once(example.process, 'exit')) as [number | null, string | null];
    expect([code, signal]).toEqual([0, null]);
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed']));
    expect(await side.readyIn('a-job')).toBe(1);
    expect(example.lines.at(-1)).toBe('stopped');
  });

  test('stops in time though its work would go on', async () => {
    await side.declare({ name: 'a-job' });
    const example = await start(command, '--job', 'a-job', '--work-ms', '60000', '--stop-ms', '100');
    await side.send(action(1));
    await eventually(() => expect(example.lines).toContain(`running a-job ${runId(1)} 1`));
    example.process.kill('SIGINT');
    expect(await once(example.process, 'exit')).toEqual([0, null]);
    await eventually(() => expect(side.heard.lastOf(1)).toMatchObject({ status: 'failed', error: 'worker stopped' }));
  });

  test('stops in time though nobody hears how its run has ended', async () => {
    const { process: child, lines } = await start(command, '--job', 'a-job', '--work-ms', '10', '--stop-ms', '100');
    await side.send(action(1)); // no scheduler has bound the exchange of statuses
    await eventually(() => expect(lines).toContain(`completed a-job ${runId(1)} 1`));
    const startedAt = performance.now();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  test('takes its jobs from the command line rather than from the environment', async () => {
    const { lines } = await start(command, '--job', 'a-job');
    const ready = lines.find((line) => line.startsWith('ready '));
    expect(ready).toContain('a-job');
    expect(ready).not.toContain('of-the-environment');
  });

  test('exits with 0 also where it has found no broker yet', async () => {
    const [file, ...args] = await command();
    const child = spawn(file, [...args, '--job', 'a-job', '--url', 'amqp://127.0.0.1:1/'], { stdio: 'pipe' });
    children.push(child);
    await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')]); // says that there is none
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('does not bring back a job that was deleted, and serves it when it is back', async () => {
    await side.declare({ name: 'a-job' });
    const { lines } = await start(command, '--job', 'a-job', '--queue', 'mail', '--work-ms', '500');
    await side.declare({ name: 'letters', workQueue: 'mail' });
    await side.send(action(1));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running']));
    // A worker whose `running` has no confirm yet gives the run of a deleted job up.
    await eventually(() => expect(lines).toContain(`running a-job ${runId(1)} 1`));
    await side.remove({ name: 'a-job' });
    await eventually(() => expect(lines).toContain(`completed a-job ${runId(1)} 1`)); // and nobody hears it
    await side.sendTo('mail', action(3, { jobName: 'letters' }));
    await eventually(() => expect(side.heard.of(3)).toEqual(['running', 'completed']));
    expect(await side.namesLike('scheduler.job.')).toEqual([]);
    await side.declare({ name: 'a-job' });
    await side.send(action(2));
    await eventually(() => expect(side.heard.of(2)).toEqual(['running', 'completed']), 30_000);
  });
});

test('the example worker in Python tells how a run has ended, whatever its work did', async () => {
  await side.declare({ name: 'a-job' });
  const source = await readFile(`${examples}worker-python/worker.py`, 'utf8');
  const work = `
def do_work(run, seconds):
    if run.payload == "exit":
        sys.exit(3)
    return {"nan": float("nan"), "set": {1}, "long": "x" * 20_000_000}[run.payload]


if __name__ ==`;
  const file = await temporaryFile(
    'worker.py',
    source.replace('\nif __name__ ==', () => work),
  );
  await start(async () => [await obtainPython(), file], '--job', 'a-job', '--concurrency', '4');
  await side.send(...['exit', 'nan', 'set', 'long'].map((payload, i) => action(i, { payload })));
  await eventually(() => expect([0, 1, 2].map((n) => side.heard.of(n).at(-1))).toEqual(['failed', 'failed', 'failed']));
  expect([0, 1, 2].map((n) => side.heard.lastOf(n)?.error)).toEqual([
    'SystemExit: 3',
    expect.stringMatching(/^ValueError: .*JSON/),
    expect.stringMatching(/^TypeError: .*JSON/),
  ]);
  // The scheduler cuts what it gets; it refuses what is larger by far.
  await eventually(() => expect(side.heard.lastOf(3)?.output).toMatch(/^x{131072}$/));
});

test('the example workers stop in time while the broker takes nothing', async () => {
  await using broker = await startRabbitmq();
  await using own = await AmqpSide.open(broker);
  const workers = await Promise.all(
    LANGUAGES.map(async ([language, command]) => {
      await own.declare({ name: language });
      const options = ['--job', language, '--url', own.vhost.url, '--work-ms', '60000', '--stop-ms', '100'];
      return start(command, ...options);
    }),
  );
  await own.send(...LANGUAGES.map(([jobName], i) => action(i, { jobName })));
  await eventually(() => expect(own.heard.with('running').length).toBe(LANGUAGES.length));
  // The connection of the one that publishes is blocked at once.
  await broker.control('set_vm_memory_high_watermark', 'absolute', '1MB');
  const exits = workers.map(({ process: child }) => once(child, 'exit'));
  const startedAt = performance.now();
  for (const { process: child } of workers) child.kill('SIGTERM');
  expect(await Promise.all(exits)).toEqual([
    [0, null],
    [0, null],
  ]);
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  await broker.control('set_vm_memory_high_watermark', '0.4');
});

test('the worker that docs/workers.md begins with works', async () => {
  const docs = await readFile(new URL('../../../docs/workers.md', import.meta.url), 'utf8');
  const source = /```python\n(.*?)```/s.exec(docs)?.[1] ?? '';
  const file = await temporaryFile('worker.py', source.replace('amqp://guest:guest@localhost:5672/', side.vhost.url));
  await side.declare({ name: 'send-report' });
  children.push(spawn(await obtainPython(), [file], { stdio: 'ignore' }));
  await side.send(action(1, { jobName: 'send-report' }), cancelOf(2, { jobName: 'send-report' }));
  await side.send(action(3, { jobName: 'send-report' }));
  await eventually(() => expect([side.heard.of(1), side.heard.of(3)]).toEqual([['completed'], ['completed']]));
  await eventually(async () => expect(await side.readyIn('send-report')).toBe(0));
});
