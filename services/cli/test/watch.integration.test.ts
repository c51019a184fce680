import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Run } from '@simple-scheduler/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { realApi } from './real-api.ts';
import type { RealApi } from './real-api.ts';
import { cliUnderTest } from './run-cli.ts';
import type { CliUnderTest, RunningCli } from './run-cli.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
let api: RealApi;
let cli: CliUnderTest;
const started: ChildProcess[] = [];
beforeAll(async () => {
  api = await realApi();
  cli = await cliUnderTest({ SIMPLE_SCHEDULER_URL: api.url });
});
afterAll(async () => {
  for (const child of started) if (child.exitCode === null) child.kill('SIGKILL');
  await cli[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

async function call(method: string, path: string, body?: object): Promise<unknown> {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await fetch(`${api.url}${path}`, { method, ...init });
  expect(response.ok, `${method} ${path}`).toBe(true);
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}

/** What comes out of a program, a part at a time: `until` resolves once the text since the last call matches. */
function readerOf(child: ChildProcess) {
  started.push(child);
  let seen = '';
  let heard = (): void => {};
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    seen += text;
    heard();
  });
  return (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`${String(pattern)} did not come: ${JSON.stringify(seen)}`)),
        60_000,
      );
      heard = () => {
        if (!pattern.test(seen)) return;
        clearTimeout(late);
        const text = seen;
        seen = '';
        resolve(text);
      };
      heard();
    });
}

function watching(...args: string[]): {
  readonly until: (pattern: RegExp) => Promise<string>;
  readonly running: RunningCli;
} {
  const running = cli.start([...args, '--watch', '--every', '100ms']);
  return { until: readerOf(running.process), running };
}

async function end({ process: child, outcome }: RunningCli): Promise<void> {
  child.kill('SIGINT');
  await outcome;
}

test('through a pipe each change is a line', async () => {
  await call('POST', '/jobs', { name: 'a', interval: 3_600_000 });
  const { until, running } = watching('list', 'jobs');
  expect(await until(/\n/)).toMatch(/^\S+Z {2}current {2}a {2}every 1h {2}active {2}\S+Z\n$/);
  await call('POST', '/jobs', { name: 'b' });
  expect(await until(/\n/)).toMatch(/^\S+Z {2}added {2}b {2}on request {2}active\n$/);
  await call('POST', '/jobs/a/pause');
  expect(await until(/\n/)).toMatch(/^\S+Z {2}changed {2}a {2}every 1h {2}paused\n$/);
  await call('DELETE', '/jobs/b');
  expect(await until(/\n/)).toMatch(/^\S+Z {2}removed {2}b {2}/);
  await end(running);
  await call('DELETE', '/jobs/a');
});

test('a run is watched until it has ended', async () => {
  await call('POST', '/jobs', { name: 'work', cancelTimeout: 0 });
  const { id } = (await call('POST', '/jobs/work/run', {})) as Run;
  const { until, running } = watching('get', 'run', id, '-o', 'json');
  expect(JSON.parse(await until(/\n/))).toMatchObject({ change: 'current', item: { id, status: 'pending' } });
  await call('POST', `/runs/${id}/cancel`);
  expect(JSON.parse(await until(/\n/))).toMatchObject({ change: 'changed', item: { id, status: 'cancelling' } });
  await end(running);
  const skipped = (await call('POST', '/jobs/work/run', {})) as Run;
  expect(skipped.status).toBe('skipped');
  expect(await cli.run(['get', 'run', skipped.id, '--watch', '-o', 'name'])).toEqual({
    code: 0,
    out: `${skipped.id}\n`,
    err: '',
  });
  await call('DELETE', '/jobs/work');
});

test('runs that are asked for, retried or cancelled are followed to their end', async () => {
  await call('POST', '/jobs', { name: 'work', cancelTimeout: 0 });
  const asked = cli.start(['--watch', '--every', '100ms', 'run', 'job', 'work', '-o', 'json']);
  const until = readerOf(asked.process);
  const { item } = JSON.parse(await until(/\n/)) as { item: Run };
  expect(item).toMatchObject({ jobName: 'work', status: 'pending', trigger: 'manual' });
  await call('POST', `/runs/${item.id}/cancel`);
  expect(JSON.parse(await until(/\n/))).toMatchObject({ change: 'changed', item: { status: 'cancelling' } });
  await end(asked);
  const skipped = (await call('POST', '/jobs/work/run', {})) as Run;
  const retried = cli.start(['retry', 'run', skipped.id, '--watch', '--every', '100ms', '-o', 'json']);
  const line = await readerOf(retried.process)(/\n/);
  expect(JSON.parse(line)).toMatchObject({ change: 'current', item: { trigger: 'retry', parentRunId: skipped.id } });
  await end(retried);
  await call('DELETE', '/jobs/work');
});

test('status and next ticks are watched, too', async () => {
  const status = watching('status');
  expect(await status.until(/\n/)).toMatch(/^\S+Z {2}current {2}OK {2}\d/);
  await end(status.running);
  await call('POST', '/jobs', { name: 'soon', interval: 3_600_000 });
  const next = watching('next', 'job', 'soon', '--count', '1', '-o', 'name');
  const first = await next.until(/\n/);
  await call('PATCH', '/jobs/soon', { nextRunAt: '2031-01-01T00:00:00Z' });
  expect(await next.until(/\n/)).toMatch(/^2031-01-01T00:00:00\.000Z\n/);
  expect(first).not.toContain('2031');
  await end(next.running);
  await call('DELETE', '/jobs/soon');
});

/** The real API behind an address that can go away and come back. */
async function interruptible(): Promise<{ url: string; server: Server; down(isDown: boolean): void }> {
  let isDown = false;
  const target = new URL(api.url);
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    if (isDown) return void outgoing.destroy();
    const { method, url, headers } = incoming;
    const onward = request({ host: target.hostname, port: target.port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  };
  const server = createServer(pass);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
  return { url, server, down: (now) => void (isDown = now) };
}

test('an API that goes away is waited for, and what has gone ends the watching', async () => {
  await call('POST', '/jobs', { name: 'a' });
  const { url, server, down } = await interruptible();
  try {
    const { until, running } = watching('get', 'job', 'a', '-u', url);
    await until(/current {2}a/);
    down(true);
    await running.said(/^The API does not answer \(.*\); waiting for it\.\n/);
    await call('POST', '/jobs/a/pause');
    down(false);
    expect(await until(/\n/)).toMatch(/changed {2}a {2}on request {2}paused/);
    await running.said(/The API answers again\.\n$/);
    await call('DELETE', '/jobs/a');
    expect(await running.outcome).toMatchObject({ code: 1, err: expect.stringContaining('There is no job named a') });
    down(true);
    expect(await cli.run(['get', 'job', 'a', '-u', url, '--watch'])).toMatchObject({ code: 4, out: '' });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('on a terminal the picture is drawn anew', async () => {
  await call('POST', '/jobs', { name: 'a', interval: 3_600_000 });
  const command = `stty cols 60 rows 24; exec "${process.execPath}" --conditions=x-source "${MAIN}" list jobs --watch --every 100ms`;
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, TERM: 'xterm', SIMPLE_SCHEDULER_URL: api.url, SIMPLE_SCHEDULER_CONFIG_DIR: cli.folder };
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], { env });
  const until = readerOf(child);
  expect(await until(/NAME[^]*\na [^\n]*\n/)).toMatch(/^Every 0\.1 s, \S+Z; Ctrl-C ends it\r\n\r\nNAME +SCHEDULE/);
  await call('POST', '/jobs/a/pause');
  // Up over the four lines of the last picture, which go.
  expect(await until(/paused[^]*\n/)).toContain('\u001b[4A\r\u001b[J');
  await call('DELETE', '/jobs/a');
  await until(/No jobs\./);
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.stdin.write('\u0003');
  await closed;
});
