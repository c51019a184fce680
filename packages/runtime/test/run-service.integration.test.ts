import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';

const fixture = join(import.meta.dirname, 'fixtures/service.ts');
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Line {
  readonly level: string;
  readonly msg: string;
}

/** Starts the fixture; `seen` resolves with the first line that has this message. */
function start(mode: string, settings: Record<string, string> = {}, nodeFlags: readonly string[] = []) {
  const env = Object.fromEntries(Object.entries(settings).map(([k, v]) => [`SIMPLE_SCHEDULER_${k}`, v]));
  const child = spawn(process.execPath, ['--conditions=x-source', ...nodeFlags, fixture, mode], {
    cwd: import.meta.dirname,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const lines: Line[] = [];
  const waiting = new Map<string, (line: Line) => void>();
  createInterface(child.stdout).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    waiting.get(line.msg)?.(line);
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  const exit = closed.then(([code, signal]) => ({
    code,
    signal,
    lines,
    stderr,
    messages: lines.map(({ msg }) => msg),
  }));
  const seen = (message: string): Promise<Line> => new Promise((resolve) => waiting.set(message, resolve));
  return { child, exit, seen };
}

describe('a service', { timeout: 20_000 }, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('on %s stops its parts in order and exits 0', async (signal) => {
    const { child, exit, seen } = start('serve');
    expect(await seen('ready')).toMatchObject({ level: 'info', mode: 'serve', service: 'scheduler' });
    child.kill(signal);
    const { code, messages } = await exit;
    expect([code, messages]).toEqual([0, ['ready', 'stopping', 'step stopped', 'stopped']]);
  });

  it('is ready from its ready line on, until it is asked to stop', async () => {
    const { child, exit, seen } = start('readiness');
    const [before, then] = [seen('while it starts'), seen('then')];
    expect(await before).toMatchObject({ service: { ok: false, reason: 'starting' } });
    expect(await then).toMatchObject({ service: { ok: true } });
    child.kill('SIGTERM');
    expect((await exit).lines.find(({ msg }) => msg === 'while it stops')).toMatchObject({
      service: { ok: false, reason: 'stopping' },
    });
  });

  it('with a step that hangs exits 1 within the timeout, the other steps done', async () => {
    const { child, exit, seen } = start('hang', { SHUTDOWN_TIMEOUT: '500' });
    await seen('ready');
    child.kill('SIGTERM');
    const { code, messages } = await exit;
    expect([code, messages.slice(1)]).toEqual([
      1,
      ['stopping', 'did not stop in time; going on without it', 'step stopped', 'stopped'],
    ]);
  });

  it('on a second signal exits at once', async () => {
    const { child, exit, seen } = start('hang', { SHUTDOWN_TIMEOUT: '600000' });
    await seen('ready');
    const stopping = seen('stopping');
    child.kill('SIGTERM');
    await stopping;
    child.kill('SIGINT');
    expect((await exit).code).toBe(130);
  });

  it('can be stopped while it waits for something to begin with', async () => {
    const { child, exit, seen } = start('wait');
    await seen('connecting to the database failed; trying again');
    child.kill('SIGTERM');
    const { code, messages } = await exit;
    expect(code).toBe(0);
    expect(messages).not.toContain('ready');
  });

  it('that cannot start says why, closes what it opened and exits 1', async () => {
    const { code, messages, lines } = await start('fail').exit;
    expect(code).toBe(1);
    expect(messages).toEqual(['could not start: no such thing: amqp://u:***@mq', 'stopping', 'step stopped']);
    expect(lines[0]?.level).toBe('fatal');
  });

  it.each(['throw', 'reject'])('that meets an error nobody handles (%s) logs it and exits 1', async (mode) => {
    const { code, lines } = await start(mode).exit;
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatchObject({ level: 'fatal', msg: 'an error that nobody handled; leaving' });
  });

  it('goes on where its log cannot be written', async () => {
    const unwritable = openSync(devNull, 'r');
    const child = spawn(process.execPath, ['--conditions=x-source', fixture, 'throw'], {
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', unwritable, 'pipe'],
    });
    children.push(child);
    closeSync(unwritable);
    // Later than its ready line, and by what it does itself.
    expect(await once(child, 'exit')).toEqual([1, null]);
  });

  it('with wrong settings says all of them on stderr and exits 78', async () => {
    const { code, stderr, lines } = await start('serve', {
      LOG_LEVEL: 'loud',
      SHUTDOWN_TIMEOUT: 'x',
      LOG_FORMATT: 'json',
    }).exit;
    expect([code, lines]).toEqual([78, []]);
    expect(stderr).toContain('3 settings are wrong');
    expect(stderr).toContain(
      'SIMPLE_SCHEDULER_LOG_FORMATT is not a setting. Did you mean SIMPLE_SCHEDULER_LOG_FORMAT?',
    );
  });

  it('says what takes a driver to find in the same message', async () => {
    const { code, stderr } = await start('verify', { LOG_LEVEL: 'warn', SHUTDOWN_TIMEOUT: 'x' }).exit;
    expect(code).toBe(78);
    expect(stderr).toContain('2 settings are wrong');
    expect(stderr).toMatch(/\n {2}SIMPLE_SCHEDULER_SHUTDOWN_TIMEOUT="x" .*\n.*\n {2}VERIFIED after warn\n$/);
  });

  it('on a Node that is too old says so before it looks at its settings, and exits 78', async () => {
    const older = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } })";
    const { code, stderr, lines } = await start('serve', { LOG_LEVEL: 'loud' }, [
      `--import=data:text/javascript,${encodeURIComponent(older)}`,
    ]).exit;
    expect([code, lines]).toEqual([78, []]);
    expect(stderr).toMatch(/^[^\n]* cannot start: it needs Node 24 or newer, and this is Node 20\.1\.0 \([^\n]*\n$/);
  });
});
