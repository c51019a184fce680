import { request } from 'node:http';
import { connect } from 'node:net';
import { json } from 'node:stream/consumers';
import { StoreUnavailableError } from '@simple-scheduler/engine';
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiUnderTest, openApi } from '../test/api-under-test.ts';
import { serveApi } from './serve.ts';

let api: ApiUnderTest;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const codeOf = (response: LightMyRequestResponse): string => response.json<{ code: string }>().code;
const detailOf = (response: LightMyRequestResponse): string => response.json<{ detail: string }>().detail;
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const jobCount = async (): Promise<number> => (await api.store.listJobs({ limit: 5 })).jobs.length;
/** Status and body of a `GET` of this path, which goes out as it is. */
function getAsIs(port: number, path: string): Promise<[number | undefined, unknown]> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path }, (response) => {
      json(response).then((body) => resolve([response.statusCode, body]), reject);
    });
    sent.on('error', reject).end();
  });
}

describe('a body', () => {
  it.each([
    ['{"name":', 'not valid JSON'],
    ['{name:"a"}', 'not valid JSON'],
    ['{"name":"a"} x', 'not valid JSON'],
    ['{"name":"a","payload":NaN}', 'not valid JSON'],
    ['{"name":"a","payload":"\n"}', 'not valid JSON'],
    ['{"name":"a","__proto__":{"enabled":false}}', 'prototype'],
    ['{"name":"a","payload":{"x":[{"__proto__":1}]}}', 'prototype'],
    ['{"name":"a","\\u005f_proto__":1}', 'prototype'],
    ['{"name":"a","payload":{"constructor":{"prototype":{}}}}', 'prototype'],
    ['['.repeat(40), 'not valid JSON'],
  ])('that is no good JSON is told so: %s', async (body, detail) => {
    const response = await api.send('POST', '/api/jobs', body);
    expect(response.statusCode).toBe(400);
    expect(detailOf(response)).toContain(detail);
    expect(await jobCount()).toBe(0);
  });

  it('that is not UTF-8 is told so', async () => {
    const payload = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);
    const response = await api.app.inject({
      method: 'POST',
      url: '/api/jobs',
      headers: { 'content-type': 'application/json' },
      payload,
    });
    expect([response.statusCode, detailOf(response)]).toEqual([400, 'the body is not UTF-8']);
  });

  it.each([
    ['deeper than 64 levels', `{"name":"a","payload":${deep(66)}}`, 'payload'],
    ['deep enough to exhaust a stack', `{"name":"a","payload":${deep(250_000)}}`, 'payload'],
    ['too large a payload', `{"name":"a","payload":"${'x'.repeat(65_535)}"}`, 'payload'],
    ['a payload too large in bytes, not in characters', `{"name":"a","payload":"${'ü'.repeat(40_000)}"}`, 'payload'],
    ['a number that is none', '{"name":"a","payload":[1e999]}', 'payload'],
    ['a number of any size for a duration', '{"name":"a","interval":1e999}', 'interval'],
    ['a negative zero fraction', '{"name":"a","interval":-0.0001}', 'interval'],
    [
      'too many labels',
      JSON.stringify({ name: 'a', meta: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [i, ''])) }),
      'meta',
    ],
    ['too long a description', JSON.stringify({ name: 'a', description: 'x'.repeat(2_001) }), 'description'],
    ['a date beyond all calendars', '{"name":"a","nextRunAt":"9999-12-31T23:59:59.999-23:59"}', 'nextRunAt'],
  ])('with %s is refused by naming the field', async (_title, body, path) => {
    const response = await api.send('POST', '/api/jobs', body);
    expect(response.statusCode).toBe(422);
    expect(response.json<{ errors: { path: string }[] }>().errors.map((e) => e.path)).toEqual([path]);
    expect(await jobCount()).toBe(0);
  });

  it('may hold whatever JSON can say, and gives it back the same', async () => {
    const payload =
      '{"nul":"\\u0000","half":"\\ud800","keys":{"$ne":1,"a.b":2,"":3,"toString":4},"n":[1e308,5e-324,-0.5,9007199254740991],"deep":' +
      deep(60) +
      '}';
    const response = await api.send(
      'POST',
      '/api/jobs',
      `{"name":"a","payload":${payload},"description":"\\u0000\\udfff","meta":{"constructor":"x","\\u0000":"\\ud83d"}}`,
    );
    expect(response.statusCode).toBe(201);
    const read = (await api.send('GET', '/api/jobs/a')).json<{ payload: unknown; description: string; meta: object }>();
    expect(read.payload).toEqual(JSON.parse(payload));
    expect([read.description, read.meta]).toEqual(['\u0000\udfff', { constructor: 'x', '\u0000': '\ud83d' }]);
  });

  it('of more than 1 MiB is refused, also without a length', async () => {
    const big = JSON.stringify({ name: 'a', payload: 'x'.repeat(1_048_577) });
    expect([(await api.send('POST', '/api/jobs', big)).statusCode]).toEqual([413]);
    const served = await serveApi(api.app, { host: '127.0.0.1', port: 0 });
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode(big));
        controller.close();
      },
    });
    const response = await fetch(`http://127.0.0.1:${served.address.port}/api/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      duplex: 'half',
    });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([413, 'payload_too_large']);
    expect(await jobCount()).toBe(0);
  });

  const crowd = (count: number): Record<string, number> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i]));
  it.each([
    ['fields', 'POST', '/api/jobs', { ...crowd(60_000), name: 'a' }, ''],
    ['fields', 'PUT', '/api/jobs/a', crowd(60_000), ''],
    ['fields', 'PATCH', '/api/jobs/a', crowd(60_000), ''],
    ['fields', 'POST', '/api/jobs/a/run', crowd(60_000), ''],
    ['fields', 'POST', '/api/jobs/a/pause', crowd(60_000), ''],
    ['labels', 'POST', '/api/jobs', { name: 'a', meta: crowd(60_000) }, 'meta'],
    ['values in its payload', 'POST', '/api/jobs', { name: 'a', payload: crowd(60_000) }, 'payload'],
    ['values in its payload', 'POST', '/api/jobs/a/run', { payload: crowd(60_000) }, 'payload'],
  ])('with sixty thousand %s is refused by their number: %s %s', async (_what, method, url, body, path) => {
    const response = await api.send(method, url, body);
    expect(response.statusCode).toBe(422);
    expect(response.json<{ errors: { path: string }[] }>().errors.map((error) => error.path)).toEqual([path]);
  });

  it('with hundreds of wrong fields gets an answer of a bearable size, which says how many there are', async () => {
    for (const body of [crowd(500), { name: 'a', target: { type: 'worker', ...crowd(5_000) } }]) {
      const response = await api.send('POST', '/api/jobs', body);
      expect(response.statusCode).toBe(422);
      expect(response.json<{ errors: object[] }>().errors).toHaveLength(50);
      expect(response.body.length).toBeLessThan(10_000);
      expect(detailOf(response)).toMatch(/; and \d{3,4} more$/);
    }
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'nonsense',
    'application/jsonx',
  ])('of type %s is refused', async (type) => {
    const response = await api.send('POST', '/api/jobs', '{"name":"a"}', { 'content-type': type });
    expect([response.statusCode, codeOf(response)]).toEqual([415, 'unsupported_media_type']);
    expect(await jobCount()).toBe(0);
  });

  it.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON'])(
    'of type %s is read',
    async (type) => {
      expect((await api.send('POST', '/api/jobs', '{"name":"a"}', { 'content-type': type })).statusCode).toBe(201);
    },
  );

  it('may be missing where nothing must be said, and only there', async () => {
    await api.send('POST', '/api/jobs', { name: 'a' });
    for (const headers of [{}, { 'content-type': 'application/json' }] as Record<string, string>[]) {
      expect((await api.app.inject({ method: 'POST', url: '/api/jobs/a/run', headers })).statusCode).toBe(202);
      expect((await api.app.inject({ method: 'POST', url: '/api/jobs/a/pause', headers })).statusCode).toBe(200);
      expect((await api.app.inject({ method: 'POST', url: '/api/jobs', headers })).statusCode).toBe(422);
      expect((await api.app.inject({ method: 'PATCH', url: '/api/jobs/a', headers })).statusCode).toBe(422);
    }
  });
});

describe('an address', () => {
  it.each([
    '/',
    '/api',
    '/api/',
    '/api/nothing',
    '/api/jobs/',
    '/api/jobs/a/b',
    '/api/JOBS',
    '//api/jobs',
    '/api/jobs/a/next/1',
    '/metrics',
  ])('that is nothing: %s', async (url) => {
    const response = await api.send('GET', url);
    expect(response.statusCode).toBe(url === '/api/jobs/' ? 400 : 404);
  });

  it.each([
    '%00',
    'a%00',
    '..%2f..%2fetc',
    'a%2Fb',
    '%C3%A4',
    '%F0%9F%92%A9',
    'a%0d%0ax-injected:%201',
    '%20',
    '-a',
    '.a',
    'x'.repeat(201),
    '%2525',
    '$ne',
    '%7B%22a%22%3A1%7D',
  ])('with a name that is none: %s', async (name) => {
    for (const [method, rest] of [
      ['GET', ''],
      ['PATCH', ''],
      ['PUT', ''],
      ['DELETE', ''],
      ['POST', '/pause'],
      ['POST', '/run'],
      ['GET', '/next'],
    ] as const) {
      const response = await api.send(
        method,
        `/api/jobs/${name}${rest}`,
        method === 'GET' || method === 'DELETE' ? undefined : {},
      );
      expect([method, rest, response.statusCode]).toEqual([method, rest, 400]);
      expect(response.headers).not.toHaveProperty('x-injected');
    }
  });

  it.each(['/api/jobs/%', '/api/jobs/%zz', '/api/jobs/%ff', '/%c0%ae'])('that cannot be decoded: %s', async (url) => {
    const response = await api.send('GET', url);
    expect([400, 404]).toContain(response.statusCode);
  });

  it.each([
    '%00',
    '%2e%2e/x',
    '%5c..%5c',
    '../../../../etc/passwd',
    '..%2fx',
    'a/./b',
    '/',
    'none.js',
    'x'.repeat(400),
  ])('that is no file of the documentation: %s', async (file) => {
    const served = await serveApi(api.app, { host: '127.0.0.1', port: 0 });
    // Clients that know URLs resolve the dots before they send them.
    const [status, problem] = await getAsIs(served.address.port, `/api/docs/static/${file}`);
    expect([status, problem]).toEqual([404, expect.objectContaining({ status: 404, code: 'not_found' })]);
    expect(api.logged).toEqual([]);
  });

  it('with a name far too long is told so, as its own mistake', async () => {
    for (const url of [`/api/jobs/${'x'.repeat(9_000)}`, `/api/runs/${'x'.repeat(9_000)}/cancel`]) {
      const response = await api.send(url.endsWith('cancel') ? 'POST' : 'GET', url);
      expect([response.statusCode, codeOf(response)]).toEqual([414, 'bad_request']);
    }
    expect(api.logged).toEqual([]);
  });

  it('takes the longest name there is, also percent-encoded', async () => {
    const name = 'a'.repeat(200);
    expect((await api.send('POST', '/api/jobs', { name })).statusCode).toBe(201);
    expect((await api.send('GET', `/api/jobs/${'%61'.repeat(200)}`)).statusCode).toBe(200);
    for (const odd of ['constructor', 'next', 'run', '0', 'a..b', 'a--', 'toString']) {
      expect((await api.send('POST', '/api/jobs', { name: odd })).headers['location']).toBe(`/api/jobs/${odd}`);
      expect((await api.send('GET', `/api/jobs/${odd}`)).json()).toMatchObject({ name: odd });
    }
  });

  it.each([
    ['DELETE', '/api/jobs', 'GET, HEAD, OPTIONS, POST'],
    ['POST', '/api/jobs/a', 'DELETE, GET, HEAD, OPTIONS, PATCH, PUT'],
    ['GET', '/api/jobs/a/run', 'OPTIONS, POST'],
    ['GET', '/api/runs/x/cancel', 'OPTIONS, POST'],
    ['PUT', '/api/runs', 'GET, HEAD, OPTIONS'],
    ['POST', '/api/status', 'GET, HEAD, OPTIONS'],
    ['TRACE', '/api/jobs?x=1', 'GET, HEAD, OPTIONS, POST'],
  ])('without the method %s: %s', async (method, url, allow) => {
    const response = await api.send(method, url);
    expect([response.statusCode, codeOf(response), response.headers['allow']]).toEqual([
      405,
      'method_not_allowed',
      allow,
    ]);
  });

  it('takes no parameters that do nothing', async () => {
    await api.send('POST', '/api/jobs', { name: 'a' });
    for (const [method, url] of [
      ['GET', '/api/jobs/a?full=1'],
      ['POST', '/api/jobs/a/pause?dryRun=true'],
      ['DELETE', '/api/jobs/a?force'],
      ['POST', '/api/jobs/a/run?wait=1'],
      ['HEAD', '/api/jobs/a?x'],
    ] as const) {
      expect([url, (await api.send(method, url)).statusCode]).toEqual([url, 400]);
    }
    expect((await api.send('GET', '/api/status?at=now')).statusCode).toBe(200);
    expect((await api.store.listRuns({ limit: 1 })).runs).toEqual([]);
  });

  it('says by OPTIONS what is possible', async () => {
    for (const [url, allow] of [
      ['/api/jobs?x=1', 'GET, HEAD, OPTIONS, POST'],
      ['/api/jobs/a/run', 'OPTIONS, POST'],
    ]) {
      const response = await api.send('OPTIONS', url ?? '');
      expect([response.statusCode, response.body, response.headers['allow']]).toEqual([204, '', allow]);
    }
    expect((await api.send('OPTIONS', '/api/none')).statusCode).toBe(404);
  });

  it('answers HEAD as GET, without the body', async () => {
    await api.send('POST', '/api/jobs', { name: 'a' });
    const head = await api.send('HEAD', '/api/jobs/a');
    expect([head.statusCode, head.body, head.headers['etag']]).toEqual([200, '', '"1"']);
    expect((await api.send('HEAD', '/api/jobs/none')).statusCode).toBe(404);
  });
});

describe('headers', () => {
  it.each([
    ['abc-123_4.5:6', true],
    ['x'.repeat(128), true],
    ['x'.repeat(129), false],
    ['a b', false],
    ['a"b', false],
    ['<script>', false],
    ['', false],
  ])('X-Request-Id %s is %s', async (id, kept) => {
    for (const url of ['/api/status', '/api/nothing', '/api/jobs/%zz']) {
      const response = await api.send('GET', url, undefined, { 'x-request-id': id });
      expect(response.headers['x-request-id'] === id).toBe(kept);
      expect(response.headers['x-request-id']).toMatch(/^\S{1,128}$/);
    }
  });

  it('protect what browsers show, and keep answers out of caches', async () => {
    const { headers } = await api.send('GET', '/api/status');
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers).not.toHaveProperty('strict-transport-security');
    const docs = await api.send('GET', '/api/docs');
    expect(docs.headers['content-security-policy']).toContain("script-src 'self'");
    for (const [, file] of docs.body.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect([file, (await api.send('GET', file as string)).statusCode]).toEqual([file, 200]);
    }
    // Inline scripts would not run under that policy.
    expect(docs.body).not.toMatch(/<script(?![^>]*\ssrc=)/);
  });
});

describe('what goes wrong here', () => {
  const broken = async (error: Error): Promise<ApiUnderTest> => {
    await api.close();
    api = await openApi({
      store: (store) =>
        new Proxy(store, {
          get: (target, name) => {
            const member = Reflect.get(target, name) as unknown;
            if (name === 'close' || name === 'migrate' || typeof member !== 'function') return member;
            return () => Promise.reject(error);
          },
        }),
    });
    return api;
  };
  const REQUESTS = [
    ['GET', '/api/jobs'],
    ['POST', '/api/jobs'],
    ['GET', '/api/jobs/a'],
    ['PATCH', '/api/jobs/a'],
    ['PUT', '/api/jobs/a'],
    ['DELETE', '/api/jobs/a'],
    ['POST', '/api/jobs/a/pause'],
    ['POST', '/api/jobs/a/run'],
    ['GET', '/api/jobs/a/next'],
    ['GET', '/api/runs'],
    ['GET', '/api/runs/0193a1b2c3d4e5f601234567'],
    ['POST', '/api/runs/0193a1b2c3d4e5f601234567/cancel'],
    ['POST', '/api/runs/0193a1b2c3d4e5f601234567/retry'],
  ] as const;
  const bodyOf = (method: string, url: string): object | undefined =>
    method === 'PATCH' || method === 'PUT'
      ? { enabled: false }
      : url === '/api/jobs' && method === 'POST'
        ? { name: 'a' }
        : undefined;

  it('is 503 while the database is away, and says nothing of it', async () => {
    await broken(new StoreUnavailableError('connect mongodb://user:secret@db:27017 refused'));
    for (const [method, url] of REQUESTS) {
      const response = await api.send(method, url, bodyOf(method, url));
      expect([method, url, response.statusCode, response.headers['retry-after']]).toEqual([method, url, 503, '2']);
      expect(response.body).not.toContain('mongodb');
    }
    expect((await api.send('GET', '/api/status')).statusCode).toBe(200);
    expect((await api.send('GET', '/healthz')).statusCode).toBe(200);
  });

  it('is 500 and in the log where it is a mistake of ours', async () => {
    await broken(new TypeError('cannot read secret of undefined'));
    for (const [method, url] of REQUESTS) {
      const response = await api.send(method, url, bodyOf(method, url));
      expect([method, url, response.statusCode, codeOf(response)]).toEqual([method, url, 500, 'internal']);
      expect(response.body).not.toContain('secret');
    }
    expect(api.logged.filter((line) => line === 'error a request failed')).toHaveLength(REQUESTS.length);
  });

  it('shows on readyz, without what is secret', async () => {
    api.readiness.set('database', () => 'cannot reach mongodb://user:hunter2@db:27017');
    const response = await api.app.inject('/readyz');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({
      status: 'unavailable',
      checks: { database: { ok: false } },
      bus: 'connected',
    });
    expect(response.body).not.toContain('hunter2');
  });
});

describe('what is not HTTP', () => {
  /** Sends these bytes to the listening API, and gives back all that it answers. */
  async function exchange(bytes: string): Promise<string> {
    const served = await serveApi(api.app, { host: '127.0.0.1', port: 0 });
    return new Promise((resolve, reject) => {
      const socket = connect(served.address.port, '127.0.0.1', () => socket.write(bytes));
      let text = '';
      socket.on('data', (data) => (text += data.toString()));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
  }

  it.each([
    ['something else', 'nonsense\r\n\r\n', 400],
    ['no host', 'GET /api/status HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['a header that is none', 'GET /api/status HTTP/1.1\r\nhost: localhost\r\nbad header\r\n\r\n', 400],
    ['a header of 70 kB', `GET /api/status HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(70_000)}\r\n\r\n`, 431],
    [
      'two lengths of one body',
      'POST /api/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
  ])('is answered with a problem and an end: %s', async (_title, bytes, status) => {
    const text = await exchange(bytes);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    const [head, body] = text.split('\r\n\r\n');
    expect(head).toContain('application/problem+json');
    expect(JSON.parse(body ?? '')).toMatchObject({ status, code: 'bad_request', requestId: expect.any(String) });
  });

  it('an expectation that cannot be met is answered as all errors are', async () => {
    const text = await exchange(
      'PUT /api/jobs/a HTTP/1.1\r\nhost: localhost\r\nexpect: 200-ok\r\nx-request-id: mine\r\nconnection: close\r\n\r\n',
    );
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 417 /);
    expect(head).toMatch(/content-type: application\/problem\+json/i);
    expect(head).toMatch(/cache-control: no-store/i);
    expect(head).toMatch(/x-content-type-options: nosniff/i);
    expect(JSON.parse(body)).toMatchObject({ status: 417, code: 'bad_request', requestId: 'mine' });
  });
});
