import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { freePort } from '@simple-scheduler/testkit';
import { afterEach, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../docker/healthcheck.mjs', import.meta.url));
/** Ports that Node's `fetch` refuses, as browsers do. */
const REFUSED_BY_FETCH = [10_080, 6_000, 6_566, 6_667, 6_697];

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  server = undefined;
});

/** Listens on the first of these ports that is free. */
async function listen(status: number, ports: readonly number[], host = '127.0.0.1'): Promise<number> {
  for (const port of ports) {
    const tried = createServer((request, response) =>
      response.writeHead(request.url === '/healthz' ? status : 404).end(),
    );
    try {
      tried.listen(port, host);
      await once(tried, 'listening');
      server = tried;
      return (tried.address() as AddressInfo).port;
    } catch {
      // Somebody else's; the next one.
    }
  }
  throw new Error(`none of the ports ${ports.join(', ')} is free`);
}

const check = (address: string): Promise<{ code: number; said: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [SCRIPT, 'SIMPLE_SCHEDULER_HEALTH_URL', ':9090', '/healthz'],
      { env: { SIMPLE_SCHEDULER_HEALTH_URL: address } },
      (_, __, stderr) => resolve({ code: child.exitCode ?? -1, said: stderr.trim() }),
    );
  });

it('is well on whatever port the service listens', async () => {
  const port = await listen(200, REFUSED_BY_FETCH);
  expect(await check(`127.0.0.1:${port}`)).toEqual({ code: 0, said: '' });
  expect(await check(`:${port}`)).toEqual({ code: 0, said: '' });
});

it('is well on an IPv6 address', async () => {
  const port = await listen(200, [0], '::1');
  expect(await check(`[::1]:${port}`)).toEqual({ code: 0, said: '' });
});

it('says why it is not', async () => {
  const port = await freePort();
  expect(await check(`127.0.0.1:${port}`)).toEqual({ code: 1, said: `connect ECONNREFUSED 127.0.0.1:${port}` });
  const ill = await listen(503, [0]);
  expect(await check(`127.0.0.1:${ill}`)).toEqual({ code: 1, said: '/healthz answers 503' });
});
