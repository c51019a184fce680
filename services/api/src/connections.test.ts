import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Store } from '@simple-scheduler/engine';
import { waitFor } from '@simple-scheduler/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiUnderTest, openApi } from '../test/api-under-test.ts';
import { type ServedApi, serveApi } from './serve.ts';

let api: ApiUnderTest;
let served: ServedApi;
const sockets: Socket[] = [];
const closing: (() => void)[] = [];

/** Lists of runs wait until they are let go: answers that take their time. */
const slowLists = (store: Store): Store =>
  new Proxy(store, {
    get: (target, name) => {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== 'function') return member;
      if (name !== 'listRuns') return member.bind(target);
      return async (...args: unknown[]) => {
        await new Promise<void>((resolve) => closing.push(resolve));
        return Reflect.apply(member, target, args);
      };
    },
  });

beforeEach(async () => {
  api = await openApi({ store: slowLists });
  served = await serveApi(api.app, { host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  for (const letGo of closing.splice(0)) letGo();
  for (const socket of sockets.splice(0)) socket.destroy();
  await api.close();
});

/** A connection of a client that sends what the test says, and keeps all that comes back. */
async function open(): Promise<{ socket: Socket; got: () => string; ended: Promise<unknown> }> {
  const socket = connect(served.address.port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.on('data', (data) => (text += data.toString()));
  socket.on('error', () => {});
  const ended = once(socket, 'close');
  await once(socket, 'connect');
  return { socket, got: () => text, ended };
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;

describe('stopping', () => {
  it('answers what is in flight, closes what is idle, and takes nothing new', async () => {
    const [busy, idle, unused] = [await open(), await open(), await open()];
    idle.socket.write(get('/api/status'));
    await waitFor(() => idle.got().endsWith('}'));
    busy.socket.write(get('/api/runs'));
    await waitFor(() => closing.length === 1);
    const stopped = served.close();
    await Promise.all([idle.ended, unused.ended]);
    const late = connect(served.address.port, '127.0.0.1');
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    expect(busy.got()).toBe('');
    closing[0]?.();
    await stopped;
    await busy.ended;
    expect(busy.got()).toMatch(/^HTTP\/1\.1 200 /);
    expect(busy.got().toLowerCase()).toContain('connection: close');
  });
});

describe('clients that take their time', () => {
  it('are told to go where headers or a body do not arrive', async () => {
    // The framework's own limits are tens of seconds; these are the same ones, shortened.
    Object.assign(api.app.server, { headersTimeout: 300, requestTimeout: 600 });
    const [headers, body] = [await open(), await open()];
    headers.socket.write('GET /api/status HTTP/1.1\r\nhost: localhost\r\nx: ');
    body.socket.write(
      'POST /api/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"name"',
    );
    await Promise.all([headers.ended, body.ended]);
    for (const one of [headers, body]) {
      expect(one.got()).toMatch(/^HTTP\/1\.1 408 /);
      expect(one.got()).toContain('application/problem+json');
    }
    expect((await api.store.listJobs({ limit: 1 })).jobs).toEqual([]);
  }, 60_000);

  it('have limits of their own by default', () => {
    expect(api.app.server).toMatchObject({ headersTimeout: 10_000, requestTimeout: 30_000, timeout: 60_000 });
  });
});

it('hundreds of idle connections keep nobody else out', async () => {
  const idle = await Promise.all(Array.from({ length: 500 }, open));
  const half = idle.slice(0, 250);
  for (const { socket } of half) socket.write('GET /api/jobs HTTP/1.1\r\nhost: local');
  const response = await fetch(`http://127.0.0.1:${served.address.port}/api/jobs`);
  expect([response.status, await response.json()]).toEqual([200, []]);
  expect(idle.every(({ socket }) => !socket.destroyed)).toBe(true);
}, 30_000);

it('many requests on one connection are answered in their order', async () => {
  const { socket, got } = await open();
  socket.write(Array.from({ length: 200 }, (_, i) => get(i % 2 === 0 ? '/api/status' : '/api/nothing')).join(''));
  const statuses = (): string[] => [...got().matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status ?? '');
  await waitFor(() => statuses().length === 200, { timeoutMs: 20_000 });
  expect(statuses()).toEqual(Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? '200' : '404')));
}, 30_000);
