import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithMe, hasEnded } from '@simple-scheduler/testkit';
import { PROJECT } from './machine.ts';

const READY_TIME_LIMIT_MS = 60_000;
const STOP_TIME_LIMIT_MS = 30_000;
const LINES_KEPT = 50;
/** What the images set for the allocator (docker/Dockerfile). */
const AS_IN_IMAGES = { MALLOC_ARENA_MAX: '2' };

export type ServiceName = 'scheduler' | 'custodian' | 'api';

export interface ServiceProcess {
  readonly name: string;
  readonly service: ServiceName;
  readonly pid: number;
  /** Where its metrics are; undefined for services without a health server. */
  readonly healthUrl: string | undefined;
  /** Where an API answers; undefined for other services. */
  readonly apiUrl: string | undefined;
  /** From the start of the process to its ready line. */
  readonly readyMs: number;
  /** Its warnings and errors, the oldest dropped past a bound. */
  readonly complaints: readonly string[];
  /** SIGTERM; kills it where that takes too long. */
  stop(): Promise<void>;
  /** kill -9; resolves when it has ended. */
  kill(): Promise<void>;
}

export interface ServiceOptions {
  readonly name: string;
  readonly service: ServiceName;
  readonly env: Readonly<Record<string, string>>;
  /** A profile of the whole life of the process is written here when it ends. */
  readonly profileFolder: string | undefined;
  /** Default: a minute. */
  readonly readyTimeLimitMs?: number;
}

/**
 * Starts a built service; resolves when it serves. It ends with this process, however that ends.
 * @throws where it ends before that, or takes too long: it has ended then
 */
export async function startService({
  name,
  service,
  env,
  profileFolder,
  readyTimeLimitMs = READY_TIME_LIMIT_MS,
}: ServiceOptions): Promise<ServiceProcess> {
  const startedAt = performance.now();
  const profiling =
    profileFolder === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${name}.cpuprofile`];
  const child = spawn(process.execPath, [...profiling, join(PROJECT, 'services', service, 'dist', 'main.js')], {
    cwd: '/',
    env: { ...withoutOurs(), ...AS_IN_IMAGES, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} did not start: is it built?`);
  endWithMe(pid);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      hasEnded(pid);
      resolve();
    });
  });
  const complaints: string[] = [];
  const ready = await readyLine(child, { name, ended, complaints, readyTimeLimitMs }).catch(async (error: unknown) => {
    child.kill('SIGKILL'); // nobody else could end it
    await ended;
    throw error;
  });
  return {
    name,
    service,
    pid,
    healthUrl: ready.health === undefined ? undefined : `http://${ready.health}`,
    apiUrl: ready.api,
    readyMs: Math.round(performance.now() - startedAt),
    complaints,
    stop: () => stop(child, ended),
    kill: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

/** A metric's value, all its labels added up; 0 while it has none. */
export async function metricOf(process: ServiceProcess, metric: string): Promise<number> {
  const response = await fetch(`${process.healthUrl}/metrics`, { signal: AbortSignal.timeout(10_000) });
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith(`simple_scheduler_${metric}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

interface LogLine {
  readonly msg?: string;
  readonly level?: string;
  readonly health?: string;
  readonly api?: string;
}

function readyLine(
  child: ChildProcess,
  {
    name,
    ended,
    complaints,
    readyTimeLimitMs,
  }: { name: string; ended: Promise<void>; complaints: string[]; readyTimeLimitMs: number },
): Promise<LogLine> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => reject(new Error(`${name} ${what}:\n${complaints.join('\n')}`));
    const timer = setTimeout(() => fail(`was not ready within ${readyTimeLimitMs} ms`), readyTimeLimitMs);
    void ended.then(() => {
      clearTimeout(timer);
      fail('ended');
    });
    const hear = (text: string): void => {
      const line = parseLine(text);
      if (line.msg === 'ready') {
        clearTimeout(timer);
        resolve(line);
      } else if (line.level !== 'info' && complaints.push(text) > LINES_KEPT) complaints.shift();
    };
    for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on('line', hear);
  });
}

function parseLine(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return {};
  }
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIME_LIMIT_MS);
  await ended;
  clearTimeout(late);
}

/** The services are set up here and nowhere else. */
function withoutOurs(): NodeJS.ProcessEnv {
  const isForeign = ([name]: [string, unknown]): boolean => !/^(SIMPLE_SCHEDULER_|NODE_OPTIONS$)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(isForeign));
}
