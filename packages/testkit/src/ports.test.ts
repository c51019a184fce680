import { createServer, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from './ports.ts';

test('gives different ports, each free to listen on and out of the range of outgoing connections', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
  expect(new Set(ports).size).toBe(20);
  expect(Math.max(...ports)).toBeLessThan(32_768);
  const servers = await Promise.all(
    ports.map(
      (port) =>
        new Promise<Server>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  for (const server of servers) server.close();
});
