import { connect } from 'node:net';
import { join } from 'node:path';
import { privateFolder } from '../guard.ts';
import { obtainRedis } from '../install/redis.ts';
import { processLife, serverOf } from '../own-server.ts';
import { freePort } from '../ports.ts';
import type { RedisServer } from '../server.ts';
import { ServerProcess } from '../server-process.ts';

/** What queues need of a Redis: each write in its log, flushed every second, and nothing evicted. */
export const REDIS_SETTINGS: readonly string[] = [
  ...['--appendonly', 'yes', '--appendfsync', 'everysec'],
  ...['--save', '', '--maxmemory-policy', 'noeviction'],
];

/** A private Redis on loopback. */
export async function startRedisBinary(): Promise<RedisServer> {
  const redis = await obtainRedis();
  const folder = await privateFolder('redis');
  const port = await freePort();
  const server = new ServerProcess({
    name: 'redis-server',
    command: redis.command,
    args: ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, ...REDIS_SETTINGS],
    logFile: join(folder, 'redis.log'),
    ready: () => isRedisAlive(port),
    readyTimeoutMs: 30_000,
    stopTimeoutMs: 10_000,
  });
  const life = processLife(folder, server);
  await life.start();
  return serverOf({ kind: 'redis', source: 'binary', version: redis.version, url: `redis://127.0.0.1:${port}` }, life);
}

/** It answers PING; while it loads its log it answers something else. */
export function isRedisAlive(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 2_000 });
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer.toString('latin1').startsWith('+PONG'));
    });
    for (const end of ['error', 'timeout', 'close'] as const)
      socket.once(end, () => {
        socket.destroy();
        resolve(false);
      });
  });
}
