import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { cpuOfRuns, measureUsage, usageOf } from './usage.ts';

test('tells the CPU and memory of a process', () => {
  const usage = measureUsage({ me: process.pid, nobody: undefined });
  for (const until = process.cpuUsage().user + 100_000; process.cpuUsage().user < until; );
  const shares = usage();
  expect(Object.keys(shares)).toEqual(process.platform === 'linux' ? ['me'] : []);
  for (const { cpuMs, residentMiB } of Object.values(shares)) {
    expect(cpuMs).toBeGreaterThanOrEqual(80);
    expect(residentMiB).toBeGreaterThan(10);
  }
});

test('counts the CPU of children, running and ended', async () => {
  if (process.platform !== 'linux') return expect(usageOf(process.pid)).toBeUndefined();
  const spin = 'while (process.cpuUsage().user < 300_000);';
  const before = usageOf(process.pid)?.cpuMs ?? 0;
  const child = spawn(process.execPath, ['-e', `${spin} console.log('done'); setInterval(() => {}, 1_000)`]);
  await once(child.stdout, 'data');
  const running = usageOf(process.pid)?.cpuMs ?? 0;
  expect(running - before).toBeGreaterThanOrEqual(280);
  child.kill();
  await once(child, 'exit');
  expect(usageOf(process.pid)?.cpuMs).toBeGreaterThanOrEqual(running - 20);
  spawnSync(process.execPath, ['-e', spin]);
  expect((usageOf(process.pid)?.cpuMs ?? 0) - running).toBeGreaterThanOrEqual(260);
});

test('knows nothing of a process that is not there', () => {
  expect(usageOf(undefined)).toBeUndefined();
  expect(usageOf(2 ** 30)).toBeUndefined();
});

test('gives CPU per 1,000 runs, of each process and of all', () => {
  const share = (cpuMs: number) => ({ cpuMs, cpuPercent: 0, residentMiB: 0 });
  expect(cpuOfRuns({ scheduler: share(300), mongodb: share(150) }, 2_000)).toEqual({
    scheduler: 150,
    mongodb: 75,
    all: 225,
  });
});
