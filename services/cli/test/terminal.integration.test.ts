import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import stringWidth from 'string-width';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { realApi } from './real-api.ts';
import type { RealApi } from './real-api.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const WIDTH = 60;

const started: ChildProcess[] = [];
let api: RealApi;
beforeAll(async () => {
  api = await realApi();
});
afterAll(async () => {
  for (const child of started) if (child.exitCode === null) child.kill('SIGKILL');
  await api[Symbol.asyncDispose]();
});

/** Runs the program on a terminal of 60 columns (`script` of util-linux makes one); `answers` are typed when it asks. */
function onTerminal(args: readonly string[], options: { answer?: string; env?: Record<string, string> } = {}) {
  const command = `stty cols ${WIDTH} rows 24 -echo; "${process.execPath}" --conditions=x-source "${MAIN}" ${args.join(' ')}`;
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, TERM: 'xterm', SIMPLE_SCHEDULER_URL: api.url, ...options.env };
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], { env });
  started.push(child);
  let seen = '';
  let hasAnswered = false;
  return new Promise<{ code: number | null; seen: string }>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      seen += text;
      if (options.answer === undefined || hasAnswered || !seen.includes('[y/N] ')) return;
      hasAnswered = true;
      child.stdin.write(`${options.answer}\r`);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, seen: seen.replaceAll('\r\n', '\n') }));
  });
}

const exists = async (name: string): Promise<boolean> => (await fetch(`${api.url}/jobs/${name}`)).status === 200;

async function add(name: string, description = ''): Promise<void> {
  const response = await fetch(`${api.url}/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, description, interval: 60_000 }),
  });
  expect(response.status).toBe(201);
}

test('a delete is asked about, and only y deletes', async () => {
  await add('precious');
  for (const answer of ['n', '', 'yeah']) {
    const { code, seen } = await onTerminal(['delete', 'job', 'precious'], { answer });
    expect(seen).toContain('Delete the job precious? Runs under way are cancelled, and its queue goes. [y/N]');
    expect(seen.replaceAll('\n', ' ')).toContain('Nothing was deleted: answer y to delete, or give --yes.');
    expect(code).toBe(1);
    expect(await exists('precious')).toBe(true);
  }
  expect(await onTerminal(['delete', 'job', 'precious'], { answer: 'y' })).toMatchObject({ code: 0 });
  expect(await exists('precious')).toBe(false);
});

test('an end of input is no yes, and --yes asks nothing', async () => {
  await add('precious');
  expect(await onTerminal(['delete', 'job', 'precious'], { answer: '\u0004' })).toMatchObject({ code: 1 });
  expect(await exists('precious')).toBe(true);
  const { code, seen } = await onTerminal(['delete', 'job', 'precious', '--yes']);
  expect({ code, seen: seen.includes('[y/N]') }).toEqual({ code: 0, seen: false });
});

test('tables fit the width, and colours come only where they are wanted', async () => {
  await add('painted', 'A long description that can not fit into sixty columns with the rest');
  const escape = '\u001b[';
  const painted = await onTerminal(['list', 'jobs']);
  expect(painted.seen).toContain(`${escape}32mactive${escape}39m`);
  const lines = painted.seen.trim().split('\n');
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(WIDTH);
  expect(lines[1]).toContain('…');
  expect((await onTerminal(['list', 'jobs', '--no-color'])).seen).not.toContain(escape);
  expect((await onTerminal(['list', 'jobs'], { env: { NO_COLOR: '1' } })).seen).not.toContain(escape);
  expect((await onTerminal(['list', 'jobs'], { env: { TERM: 'dumb' } })).seen).not.toContain(escape);
  expect((await onTerminal(['get', 'job', 'nope'])).seen).toContain(
    `${escape}31mError:${escape}39m There is no job named nope:`,
  );
});

test('a plan has colours, and what --prune deletes is asked about before anything is changed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'simple-scheduler-terminal-'));
  try {
    const path = join(folder, 'jobs.yaml');
    await writeFile(path, 'set: s\njobs:\n  - name: leaving\n');
    expect(await onTerminal(['apply', '-f', path])).toMatchObject({ code: 0 });
    await writeFile(path, 'set: s\njobs:\n  - name: coming\n    interval: 5m\n');
    const plan = await onTerminal(['apply', '-f', path, '--prune', '--dry-run']);
    expect(plan.seen).toContain('\u001b[32m+ coming\u001b[39m\n\u001b[32m+   interval: 5m\u001b[39m\n');
    expect(plan.seen).toContain('\u001b[31m- leaving\u001b[39m\n');
    const refused = await onTerminal(['apply', '-f', path, '--prune'], { answer: 'n' });
    expect(refused.seen).toContain('Delete the job leaving?');
    expect(refused.code).toBe(1);
    expect([await exists('coming'), await exists('leaving')]).toEqual([false, true]);
    expect(await onTerminal(['apply', '-f', path, '--prune'], { answer: 'y' })).toMatchObject({ code: 0 });
    expect([await exists('coming'), await exists('leaving')]).toEqual([true, false]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
