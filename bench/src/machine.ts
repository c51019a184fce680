import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT: string = fileURLToPath(new URL('../../', import.meta.url));

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryMiB: number;
  readonly system: string;
}

export function describeMachine(): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    system: `${platform()} ${release()} ${arch()}`,
  };
}

/** Of the last minute: well above 0 before a workload means that others use the machine, and the figures with them. */
export function loadNow(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}

/** How many times longer everything may take here and now than on a machine of its own; within reason. */
export function slowdown(): number {
  return Math.min(4, Math.max(1, loadNow() / availableParallelism()));
}

export function versions(servers: {
  mongodb: { version: string };
  rabbitmq: { version: string };
}): Record<string, string> {
  const { version, dependencies } = JSON.parse(readFileSync(join(PROJECT, 'bench', 'package.json'), 'utf8')) as {
    version: string;
    dependencies: Record<string, string>; // exact ones
  };
  return {
    simpleScheduler: version,
    commit: commit(),
    node: process.versions.node,
    mongodb: servers.mongodb.version,
    rabbitmq: servers.rabbitmq.version,
    mongodbDriver: dependencies['mongodb'] ?? 'unknown',
    amqplib: dependencies['amqplib'] ?? 'unknown',
  };
}

/** With a `+` where files differ from it; unknown outside a git checkout. */
function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: PROJECT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const isChanged = git('status', '--porcelain', '--untracked-files=no', 'packages', 'services') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}
