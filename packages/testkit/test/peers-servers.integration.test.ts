import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startPostgres, startRedis } from '../src/index.ts';

/** The beginning of what a server answers. */
function ask(url: string, line: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(line));
    socket.once('error', reject).once('data', (answer) => {
      socket.destroy();
      resolve(answer.toString('latin1'));
    });
  });
}

test('a Redis of one’s own keeps what it was told through a restart', async () => {
  await using redis = await startRedis();
  expect(await ask(redis.url, 'SET a 1\r\n')).toBe('+OK\r\n');
  await redis.restart();
  expect(await ask(redis.url, 'GET a\r\n')).toBe('$1\r\n1\r\n');
  await redis.kill();
  expect(redis.pid).toBeUndefined();
});

test('a PostgreSQL of one’s own is stopped and started again', async () => {
  await using postgres = await startPostgres();
  expect(new URL(postgres.url).protocol).toBe('postgres:');
  const first = postgres.pid;
  await postgres.restart();
  expect(postgres.pid).not.toBe(first);
  await postgres.kill();
  await postgres.start();
  expect(await ask(postgres.url, Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]))).toMatch(/^[SN]$/);
});
