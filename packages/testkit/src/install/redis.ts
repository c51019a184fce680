import { aptInstall } from './apt.ts';
import { run, which } from './command.ts';

export interface Redis {
  readonly command: string;
  readonly version: string;
}

/** The server's binary, from the machine's package or a freshly installed one. */
export async function obtainRedis(): Promise<Redis> {
  if ((await which('redis-server')) === undefined) await aptInstall('Redis', ['redis-server']);
  const command = await which('redis-server');
  if (command === undefined) throw new Error('Redis was installed, but its package put no redis-server on PATH');
  const version = /v=([\d.]+)/.exec(await run(command, ['--version']))?.[1] ?? 'unknown';
  return { command, version };
}
