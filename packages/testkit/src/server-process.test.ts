import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ProcessSpec, ServerProcess } from './server-process.ts';
import { waitFor } from './wait-for.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simple-scheduler-process-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A shell that writes "up" once it is ready for signals. */
function shell(name: string, script: string, spec: Partial<ProcessSpec> = {}): { process: ServerProcess; log: string } {
  const log = join(folder, `${name}.log`);
  const process = new ServerProcess({
    name,
    command: 'sh',
    args: ['-c', script],
    logFile: log,
    ready: async () => {
      const lines = (await readFile(log, 'utf8')).split('\n');
      return lines.filter((line) => line === 'up').length > lines.filter((line) => line === 'bye').length;
    },
    readyTimeoutMs: 10_000,
    stopTimeoutMs: 10_000,
    ...spec,
  });
  return { process, log };
}

const isThere = (pid: number): boolean => {
  try {
    globalThis.process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('a server process', () => {
  test('ends in good order, and starts again', async () => {
    const { process, log } = shell('good', 'trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done');
    await process.start();
    expect(isThere(process.pid ?? 0)).toBe(true);
    await process.stop();
    await process.stop();
    expect(process.pid).toBeUndefined();
    await process.start();
    await process.stop();
    expect(await readFile(log, 'utf8')).toBe('up\nbye\nup\nbye\n');
  });

  test('that does not hear SIGTERM is killed in time, and what it started with it', async () => {
    const script = 'trap "" TERM; sleep 600 & echo child $!; echo up; while :; do wait; done';
    const { process, log } = shell('deaf', script, { stopTimeoutMs: 100 });
    await process.start();
    const child = Number(/child (\d+)/.exec(await readFile(log, 'utf8'))?.[1]);
    await process.stop();
    expect(process.pid).toBeUndefined();
    await waitFor(async () => isEnded(child), { message: 'its child to end' });
  });

  test('that ends at once says so, with its output', async () => {
    const { process } = shell('broken', 'echo no such option >&2; exit 3', { ready: () => false });
    await expect(process.start()).rejects.toThrow(/broken ended before it answered.*no such option/s);
  });

  test('that is not there says so', async () => {
    const { process } = shell('missing', '', { command: join(folder, 'missing'), ready: () => false });
    await expect(process.start()).rejects.toThrow(/ENOENT/);
  });

  test('that never answers is ended', async () => {
    const { process } = shell('mute', 'sleep 600', { ready: () => false, readyTimeoutMs: 100 });
    await expect(process.start()).rejects.toThrow(/Waited 100 ms in vain for mute to answer/);
    expect(process.pid).toBeUndefined();
  });
});

/** True for a zombie too: nobody may have collected an orphan yet. */
async function isEnded(pid: number): Promise<boolean> {
  if (!isThere(pid)) return true;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State:\tZ');
  return status.includes('State:\tZ');
}
