import { describe, expect, test } from 'vitest';
import { scriptedServer } from '../test/scripted-server.ts';
import type { Answering, Reply } from '../test/scripted-server.ts';
import { createClient } from './client.ts';
import type { Client } from './client.ts';
import { ApiError, UnexpectedAnswerError, UnreachableError } from './errors.ts';

const AT = '2026-03-01T08:00:00.000Z';
const job = { name: 'send-report', interval: 1_000, createdAt: AT, updatedAt: AT, revision: 1 };
const run = {
  id: '0193a1b2c3d4e5f601234567',
  jobName: 'send-report',
  status: 'pending',
  trigger: 'manual',
  scheduledAt: AT,
  createdTime: AT,
  attempt: 1,
};

async function ask<T>(answering: Answering | Reply, act: (client: Client) => Promise<T>) {
  const reply = typeof answering === 'function' ? answering : () => answering;
  await using server = await scriptedServer(reply);
  const value = await act(createClient({ baseUrl: server.url }));
  return { value, seen: server.seen, asked: server.seen[0] };
}

describe('each call makes the request of the contract', () => {
  test.each<[string, (client: Client) => Promise<unknown>, Reply, string, unknown?]>([
    ['status', (c) => c.status(), { body: { status: 'OK', version: '1', time: AT } }, 'GET /api/status'],
    [
      'list of jobs',
      (c) => c.jobs.list({ limit: 7, name: 'send*', enabled: false, meta: { team: 'a&b' } }),
      { body: [job] },
      'GET /api/jobs?limit=7&name=send*&enabled=false&meta.team=a%26b',
    ],
    ['a job', (c) => c.jobs.get('send-report'), { body: job }, 'GET /api/jobs/send-report'],
    ['creation', (c) => c.jobs.create({ name: 'x' }), { status: 201, body: job }, 'POST /api/jobs', { name: 'x' }],
    [
      'a change',
      (c) => c.jobs.update('send-report', { cron: null }),
      { body: job },
      'PATCH /api/jobs/send-report',
      { cron: null },
    ],
    ['replacement', (c) => c.jobs.put('x', { interval: 5 }), { body: job }, 'PUT /api/jobs/x', { interval: 5 }],
    ['deletion', (c) => c.jobs.delete('x'), { status: 204 }, 'DELETE /api/jobs/x'],
    ['pause', (c) => c.jobs.pause('x'), { body: job }, 'POST /api/jobs/x/pause'],
    ['resume', (c) => c.jobs.resume('x'), { body: job }, 'POST /api/jobs/x/resume'],
    [
      'run now',
      (c) => c.jobs.run('x', { payload: [1] }),
      { status: 202, body: run },
      'POST /api/jobs/x/run',
      { payload: [1] },
    ],
    ['next ticks', (c) => c.jobs.next('x', { count: 3 }), { body: [AT] }, 'GET /api/jobs/x/next?count=3'],
    [
      'the ledger of ticks',
      (c) => c.jobs.ticks('x', { from: AT, limit: 5, cursor: 'abc' }),
      { body: [{ scheduledAt: AT, outcome: 'missing', hint: 'kept' }] },
      'GET /api/jobs/x/ticks?limit=5&cursor=abc&from=2026-03-01T08%3A00%3A00.000Z',
    ],
    [
      'list of runs',
      (c) => c.runs.list({ jobName: 'x', status: ['pending', 'running'], createdBefore: AT }),
      { body: [run] },
      'GET /api/runs?jobName=x&createdBefore=2026-03-01T08%3A00%3A00.000Z&status=pending%2Crunning',
    ],
    ['a run', (c) => c.runs.get(run.id), { body: run }, `GET /api/runs/${run.id}`],
    ['cancellation', (c) => c.runs.cancel(run.id), { status: 204 }, `POST /api/runs/${run.id}/cancel`],
    ['retry', (c) => c.runs.retry(run.id), { status: 202, body: run }, `POST /api/runs/${run.id}/retry`],
  ])('%s', async (_title, act, reply, line, body) => {
    const { asked, seen } = await ask(reply, act);
    expect(seen).toHaveLength(1);
    expect(`${asked?.method} ${asked?.url}`).toBe(line);
    expect(asked?.body).toEqual(body);
  });
});

test('a change asks for the job in the answer, and fetches it where the preference was ignored', async () => {
  const { value, seen } = await ask(
    ({ method }) => (method === 'PATCH' ? { status: 204 } : { body: { ...job, revision: 2 } }),
    (c) => c.jobs.update('send-report', { enabled: false }, { ifMatch: '"1"' }),
  );
  expect(value.revision).toBe(2);
  expect(seen[0]?.headers).toMatchObject({ prefer: 'return=representation', 'if-match': '"1"' });
});

test('gives the ETag, says what a replacement did and sends the idempotency key', async () => {
  const tagged = await ask({ body: job, headers: { etag: '"7"' } }, (c) => c.jobs.getTagged('x'));
  expect(tagged.value.etag).toBe('"7"');
  expect((await ask({ status: 201, body: job }, (c) => c.jobs.put('x', {}))).value.created).toBe(true);
  expect((await ask({ status: 200, body: job }, (c) => c.jobs.put('x', {}))).value.created).toBe(false);
  const asked = await ask({ status: 202, body: run }, (c) => c.jobs.run('x', { idempotencyKey: 'k-1' }));
  expect(asked.asked?.headers['idempotency-key']).toBe('k-1');
  expect(asked.asked?.body).toEqual({});
});

test('fields that a newer API adds are kept', async () => {
  const { value } = await ask({ body: { ...job, colour: 'green' } }, (c) => c.jobs.get('x'));
  expect(value).toMatchObject({ colour: 'green' });
});

test.each(['..', '.', 'a/b', 'a?b', '', '%2e%2e', 'x'.repeat(201)])('puts no %j into a path', async (name) => {
  await using server = await scriptedServer(() => ({ body: job }));
  const client = createClient({ baseUrl: server.url });
  await expect(client.jobs.delete(name)).rejects.toThrow(RangeError);
  await expect(client.runs.get(name)).rejects.toThrow(RangeError);
  expect(server.seen).toHaveLength(0);
});

describe('errors', () => {
  const problem = {
    type: 'about:blank',
    title: 'Invalid',
    status: 422,
    detail: 'interval must be at least 1 ms',
    error: 'interval must be at least 1 ms',
    code: 'invalid',
    requestId: 'req-1',
    errors: [{ path: 'interval', message: 'must be at least 1 ms' }],
  };

  test('a refusal carries the problem, its fields and the request id', async () => {
    const error = await ask({ status: 422, body: problem }, (c) => c.jobs.create({ name: 'x' })).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 422,
      message: problem.detail,
      requestId: 'req-1',
      fieldErrors: problem.errors,
      problem: { code: 'invalid' },
    });
  });

  test('an error page of something in between is an ApiError without a problem', async () => {
    const page = {
      status: 502,
      text: '<h1>Bad gateway</h1>',
      headers: { 'content-type': 'text/html', 'retry-after': '3' },
    };
    const error = await ask(page, (c) => c.jobs.get('x')).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'ApiError', status: 502, problem: undefined, retryAfterMs: 3_000 });
  });

  test('a redirect is not followed', async () => {
    await using elsewhere = await scriptedServer(() => ({ body: job }));
    const redirect = { status: 307, headers: { location: `${elsewhere.url}/jobs/x` } };
    const error = await ask(redirect, (c) => c.jobs.get('x')).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'ApiError', status: 307 });
    expect(elsewhere.seen).toHaveLength(0);
  });

  test.each<[string, Reply]>([
    ['a web page', { text: '<html></html>', headers: { 'content-type': 'text/html' } }],
    ['broken JSON', { text: '{"name":' }],
    ['another shape', { body: { hello: 'world' } }],
    ['nothing', { status: 204 }],
  ])('%s instead of a job is an UnexpectedAnswerError', async (_title, reply) => {
    await expect(ask(reply, (c) => c.jobs.get('x'))).rejects.toThrow(UnexpectedAnswerError);
  });

  test('nobody listening is an UnreachableError that says that nothing was done', async () => {
    const server = await scriptedServer(() => ({ body: job }));
    await server[Symbol.asyncDispose]();
    const error = await createClient({ baseUrl: server.url })
      .jobs.create({ name: 'x' })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ code: 'ECONNREFUSED', outcomeUnknown: false, url: server.url });
  });

  test('a connection cut in the middle of a write leaves its outcome unknown', async () => {
    const cut: Answering = (_seen, response) => void response.destroy();
    const write = await ask(cut, (c) => c.jobs.create({ name: 'x' })).catch((e: unknown) => e);
    expect(write).toMatchObject({ name: 'UnreachableError', outcomeUnknown: true });
    const read = await ask(cut, (c) => c.jobs.get('x')).catch((e: unknown) => e);
    expect(read).toMatchObject({ name: 'UnreachableError', outcomeUnknown: false });
  });

  test('an answer that does not come in time is an UnreachableError', async () => {
    await using server = await scriptedServer(() => undefined);
    const client = createClient({ baseUrl: server.url, timeoutMs: 50 });
    await expect(client.status()).rejects.toMatchObject({ name: 'UnreachableError', code: 'TIMEOUT' });
  });

  test('a call that the caller gave up rejects with the reason given', async () => {
    const controller = new AbortController();
    await using server = await scriptedServer(() => controller.abort(new Error('enough')));
    const client = createClient({ baseUrl: server.url });
    await expect(client.status({ signal: controller.signal })).rejects.toThrow('enough');
  });
});

describe('tokens', () => {
  const unauthorized = {
    status: 401,
    body: {
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail: 'no',
      error: 'no',
      code: 'unauthorized',
      requestId: 'r',
    },
  };
  const onlyGood: Answering = ({ headers }) => (headers.authorization === 'Bearer good' ? { body: job } : unauthorized);

  test('none is sent without a provider, and never to /status', async () => {
    expect((await ask({ body: job }, (c) => c.jobs.get('x'))).asked?.headers.authorization).toBeUndefined();
    await using server = await scriptedServer(() => ({ body: { status: 'OK', version: '1', time: AT } }));
    await createClient({ baseUrl: server.url, token: async () => 'good' }).status();
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
  });

  test.each(['a\nb', 'ü', ''])('%j is none, and no message repeats it', async (token) => {
    await using server = await scriptedServer(onlyGood);
    const client = createClient({ baseUrl: server.url, token: async () => token });
    await expect(client.jobs.get('x')).rejects.toThrow(new TypeError('the token holds characters that no token has'));
    expect(server.seen).toHaveLength(0);
  });

  test('a refused one is renewed once, and the request repeated', async () => {
    await using server = await scriptedServer(onlyGood);
    const told: (string | undefined)[] = [];
    const client = createClient({
      baseUrl: server.url,
      token: async ({ refused }) => {
        told.push(refused);
        return refused === undefined ? 'stale' : 'good';
      },
    });
    await expect(client.jobs.get('x')).resolves.toMatchObject({ name: 'send-report' });
    expect(told).toEqual([undefined, 'stale']);
    expect(server.seen).toHaveLength(2);
  });

  test.each([
    ['the same again', 'stale'],
    ['none', undefined],
  ])('the 401 stands when the provider gives %s', async (_t, next) => {
    await using server = await scriptedServer(onlyGood);
    const client = createClient({ baseUrl: server.url, token: async ({ refused }) => (refused ? next : 'stale') });
    await expect(client.jobs.get('x')).rejects.toMatchObject({ name: 'ApiError', status: 401 });
    expect(server.seen).toHaveLength(1);
  });

  test('a renewed one that is refused too is not renewed again', async () => {
    await using server = await scriptedServer(onlyGood);
    const client = createClient({ baseUrl: server.url, token: async ({ refused = '' }) => `${refused}x` });
    await expect(client.jobs.get('x')).rejects.toMatchObject({ status: 401 });
    expect(server.seen).toHaveLength(2);
  });
});

test.each(['ftp://localhost/api', 'http://user:secret@localhost/api', 'localhost:8080', ''])(
  'refuses the address %j',
  (baseUrl) => {
    expect(() => createClient({ baseUrl })).toThrow(TypeError);
  },
);
