import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { waitFor } from '@simple-scheduler/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '../src/main.ts');
const children: ChildProcess[] = [];
let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'standalone-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  rmSync(cwd, { recursive: true });
});

type Line = Record<string, string>;

function start(args: readonly string[] = [], settings: Record<string, string> = {}) {
  const own = { API_URL: ':0', HEALTH_URL: '127.0.0.1:0', ...settings };
  const env = Object.fromEntries(Object.entries(own).map(([k, v]) => [`SIMPLE_SCHEDULER_${k}`, v]));
  const child = spawn(process.execPath, ['--conditions=x-source', main, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const lines: Line[] = [];
  createInterface(child.stdout).on('line', (text) => lines.push(JSON.parse(text) as Line));
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const exit = once(child, 'close').then(([code]) => ({ code: code as number | null, stderr }));
  const line = (pattern: RegExp): Promise<Line> =>
    waitFor(() => lines.find(({ msg }) => pattern.test(msg ?? '')), {
      timeoutMs: 30_000,
      message: () => `${pattern}; seen: ${lines.map(({ msg }) => msg).join(' | ')} ${stderr}`,
    });
  return { child, lines, exit, line };
}

async function get<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

describe('the standalone service', { timeout: 60_000 }, () => {
  it('tells where it is, runs the sample, stops in order, and keeps its data', async () => {
    const first = start();
    const { api, docs } = await first.line(/^ready$/);
    expect(api).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api$/);
    expect((await first.line(/the API is at/))['msg']).toContain('for this machine only and without authentication');
    expect((await fetch(docs ?? '')).status).toBe(200);
    expect((await first.line(/^the data is in/))['msg']).toMatch(/ \/.+\/data\/simple-scheduler\.db$/);
    await first.line(/^workers elsewhere cannot take runs .* SIMPLE_SCHEDULER_MESSAGEBUS_CONNECTION_STRING/);
    await fetch(`${api}/jobs/hello/run`, { method: 'POST' });
    expect((await first.line(/^hello: run/))['msg']).toMatch(/completed in \d+ ms: "Hello, world!"$/);
    await waitFor(async () => (await get<object[]>(`${api}/runs?status=completed`)).length > 0);
    first.child.kill('SIGTERM');
    expect(await first.exit).toEqual({ code: 0, stderr: '' });

    const second = start(['--no-sample']);
    const again = await second.line(/^ready$/);
    expect(await get(`${again['api']}/jobs`)).toMatchObject([{ name: 'hello' }]);
    expect((await get<object[]>(`${again['api']}/runs?status=completed`)).length).toBeGreaterThan(0);
    expect(second.lines.filter(({ msg }) => /sample|^hello/.test(msg ?? ''))).toEqual([]);
  });

  it('goes on at once after it was killed', async () => {
    const first = start();
    await first.line(/^ready$/);
    await first.line(/^took jobs$/);
    first.child.kill('SIGKILL');
    await first.exit;
    const second = start();
    await second.line(/^took over what an earlier process left$/);
    await second.line(/^took jobs$/);
    expect((await second.line(/^hello: run due/))['msg']).toContain('completed');
  });

  it('leaves data alone that another one works on', async () => {
    const first = start();
    const { api } = await first.line(/^ready$/);
    const second = start();
    expect((await second.exit).code).toBe(1);
    const [refusal] = second.lines;
    expect(refusal).toMatchObject({
      level: 'fatal',
      msg: expect.stringMatching(/another process works on the data in .+simple-scheduler\.db\. End that one first/),
    });
    expect(refusal).not.toHaveProperty('error');
    await fetch(`${api}/jobs/hello/run`, { method: 'POST' });
    await first.line(/^hello: run due .* completed/);
  });

  it('has no sample where it is switched off', async () => {
    const { line } = start([], { SAMPLE: 'false' });
    const { api } = await line(/^ready$/);
    expect(await get(`${api}/jobs`)).toEqual([]);
  });

  it('refuses to be reached from elsewhere without authentication', async () => {
    const { code, stderr } = await start([], { API_URL: '0.0.0.0:0' }).exit;
    expect(code).toBe(78);
    expect(stderr).toContain('SIMPLE_SCHEDULER_API_URL="0.0.0.0:0" must be on this machine only');
  });

  it('refuses a bus of its own on a database that others may work on', async () => {
    const { code, stderr } = await start([], { DB_TYPE: 'mongodb' }).exit;
    expect(code).toBe(78);
    expect(stderr).toContain('SIMPLE_SCHEDULER_MESSAGEBUS_TYPE must be rabbitmq where DB_TYPE is mongodb');
  });

  it('says how it is used when it does not understand', async () => {
    const { code, stderr } = await start(['--sample']).exit;
    expect(code).toBe(2);
    expect(stderr).toContain('--no-sample');
  });
});
