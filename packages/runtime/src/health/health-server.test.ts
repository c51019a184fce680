import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { createMeter } from '../metrics/meter.ts';
import { httpUrl } from '../settings/address.ts';
import type { Address } from '../settings/address.ts';
import { startHealthServer } from './health-server.ts';
import type { HealthServer } from './health-server.ts';
import { ListenError } from './listen.ts';
import { createReadiness } from './readiness.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const open: HealthServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function start(address: Address = { host: '127.0.0.1', port: 0 }) {
  const readiness = createReadiness();
  const meter = createMeter({ service: 'scheduler', log: quiet });
  const server = await startHealthServer({ address, readiness, meter });
  open.push(server);
  const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(httpUrl(server.address) + path, init);
  return { readiness, meter, server, get };
}

describe('/healthz', () => {
  it('answers while the service is not ready', async () => {
    const { get, readiness } = await start();
    readiness.set('database', () => 'away');
    const response = await get('/healthz');
    expect([response.status, await response.json()]).toEqual([200, { status: 'OK' }]);
  });
});

describe('/readyz', () => {
  it('is 200 when every check is fine, 503 with reasons when one is not', async () => {
    const { get, readiness } = await start();
    readiness.set('database', () => undefined);
    readiness.set('message bus', async () => undefined);
    expect((await get('/readyz')).status).toBe(200);

    readiness.set('message bus', () => 'blocked: amqp://u:hidden@mq has a memory alarm');
    const response = await get('/readyz?verbose');
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      status: 'unavailable',
      checks: {
        database: { ok: true },
        'message bus': { ok: false, reason: 'blocked: amqp://u:***@mq has a memory alarm' },
      },
    });
  });

  it('counts a check that throws, or that does not answer, as failing', async () => {
    const { get, readiness } = await start();
    readiness.set('throws', () => {
      throw new Error('no');
    });
    readiness.set('rejects', () => Promise.reject(new Error('never')));
    readiness.set('hangs', () => new Promise(() => {}));
    expect(await (await get('/readyz')).json()).toMatchObject({
      checks: { throws: { reason: 'no' }, rejects: { reason: 'never' }, hangs: { reason: 'no answer within 2000 ms' } },
    });
  });
});

describe('/metrics', () => {
  it('has the metrics of the service and of its process', async () => {
    const { get, meter } = await start();
    meter.count('runs_ended_total', 2, { status: 'failed' });
    meter.gauge('jobs_held', 7);
    meter.observe('tick_lateness_ms', 3);
    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    expect(text).toContain('simple_scheduler_runs_ended_total{status="failed",service="scheduler"} 2');
    expect(text).toContain('simple_scheduler_jobs_held{service="scheduler"} 7');
    expect(text).toContain('simple_scheduler_tick_lateness_ms_bucket{le="5",service="scheduler"} 1');
    expect(text).toContain('nodejs_eventloop_lag_seconds');
  });
});

describe('the server', () => {
  it('answers 404 and 405 in JSON, and HEAD without a body', async () => {
    const { get } = await start();
    expect((await get('/')).status).toBe(404);
    const post = await get('/healthz', { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const head = await get('/healthz', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('outlives what is not HTTP', async () => {
    const { get, server } = await start();
    const socket = connect(server.address.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.end('\u0000\u0001 nonsense\r\n\r\n');
    await once(socket.resume(), 'close');
    expect((await get('/healthz')).status).toBe(200);
  });

  it('says which setting to change when its port is taken', async () => {
    const { server } = await start();
    const { port } = server.address;
    await expect(start({ host: '127.0.0.1', port })).rejects.toThrow(
      new ListenError(
        `Cannot listen on 127.0.0.1:${port}: it is taken by another process. Choose another one with SIMPLE_SCHEDULER_HEALTH_URL.`,
        undefined,
      ),
    );
  });

  it('says so when its host is not of this machine', async () => {
    await expect(start({ host: '192.0.2.1', port: 0 })).rejects.toThrow('is not an address of this machine');
  });

  it('closes with connections open, and twice', async () => {
    const { get, server } = await start();
    await get('/healthz');
    await server.close();
    await server.close();
    await expect(get('/healthz')).rejects.toThrow('fetch failed');
  });
});
