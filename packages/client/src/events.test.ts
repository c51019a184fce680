import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { scriptedServer, type Seen } from '../test/scripted-server.ts';
import { createClient } from './client.ts';
import { ApiError, UnexpectedAnswerError, UnreachableError } from './errors.ts';
import type { SchedulerEvent } from './events.ts';

const AT = '2026-03-01T08:00:00.000Z';
const job = { name: 'a', interval: 1_000, createdAt: AT, updatedAt: AT, revision: 1, later: 'kept' };
const run = {
  id: '0193a1b2c3d4e5f601234567',
  jobName: 'a',
  status: 'pending',
  trigger: 'manual',
  scheduledAt: AT,
  createdTime: AT,
  attempt: 1,
};

type Script = (response: ServerResponse, seen: Seen) => void;

function stream(response: ServerResponse, ...texts: string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const text of texts) response.write(text);
}

const frame = (event: string, data: object, id?: string): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
const ready = frame('ready', { kinds: ['job', 'run'] }, 'c0');

/** Answers the connections one after the other, and collects events until there are so many. */
async function follow(scripts: readonly Script[], count: number, options: { jobName?: string; after?: string } = {}) {
  let connection = 0;
  await using server = await scriptedServer((seen, response) => {
    const script = scripts[Math.min(connection, scripts.length - 1)];
    connection += 1;
    script?.(response, seen);
  });
  const events: SchedulerEvent[] = [];
  for await (const event of createClient({ baseUrl: server.url }).events(options)) {
    events.push(event);
    if (events.length === count) break;
  }
  return { events, seen: server.seen };
}

test('events come typed, with the place to come back to', async () => {
  const { events, seen } = await follow(
    [
      (response) =>
        stream(
          response,
          `retry: 10\n${ready}`,
          frame('run.changed', run, 'c1').slice(0, 20),
          frame('run.changed', run, 'c1').slice(20),
          `: keep-alive\nid: c2\n\n${frame('something.new', {}, 'c3')}`,
          frame('job.changed', job, 'c4') + frame('job.deleted', { name: 'a' }, 'c5'),
          frame('run.deleted', { id: run.id }, 'c6') + frame('reset', {}, 'c7'),
        ),
    ],
    6,
    { jobName: 'a', after: 'before' },
  );
  expect(events).toEqual([
    { type: 'ready', id: 'c0', kinds: ['job', 'run'] },
    { type: 'run.changed', id: 'c1', run },
    { type: 'job.changed', id: 'c4', job: expect.objectContaining(job) },
    { type: 'job.deleted', id: 'c5', name: 'a' },
    { type: 'run.deleted', id: 'c6', runId: run.id },
    { type: 'reset', id: 'c7' },
  ]);
  expect(seen[0]).toMatchObject({ method: 'GET', url: '/api/events?jobName=a' });
  expect(seen[0]?.headers).toMatchObject({ accept: 'text/event-stream', 'last-event-id': 'before' });
});

test('it comes back to where it was: after an end, a break, a refusal for now, and marks without an event', async () => {
  const { events, seen } = await follow(
    [
      (response) => {
        stream(response, `retry: 10\n${ready}`, frame('run.changed', run, 'c1'));
        response.end();
      },
      (response) => {
        stream(response, `${ready.replace('id: c0\n', '')}: keep-alive\nid: c9\n\n`);
        setImmediate(() => response.destroy());
      },
      (response) => response.writeHead(503, { 'content-type': 'application/problem+json' }).end('{}'),
      (response) => stream(response, ready.replace('id: c0\n', ''), frame('run.changed', run, 'd1')),
    ],
    5,
  );
  expect(events.map(({ type, id }) => `${type} ${id}`)).toEqual([
    'ready c0',
    'run.changed c1',
    'ready c1',
    'ready c9',
    'run.changed d1',
  ]);
  expect(seen.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'c1', 'c9', 'c9']);
});

test.each<[string, Script, abstract new (...args: never[]) => Error]>([
  ['a refusal', (r) => void r.writeHead(403, { 'content-type': 'application/problem+json' }).end('{}'), ApiError],
  ['503 at the first try', (r) => void r.writeHead(503).end(), ApiError],
  ['something else', (r) => void r.writeHead(200, { 'content-type': 'text/html' }).end('<p>'), UnexpectedAnswerError],
  ['an event that is none', (r) => stream(r, frame('run.changed', { id: 1 }, 'c1')), UnexpectedAnswerError],
  ['data that is not JSON', (r) => stream(r, 'event: ready\ndata: {\n\n'), UnexpectedAnswerError],
])('%s is an error', async (_title, script, kind) => {
  await expect(follow([script], 1)).rejects.toBeInstanceOf(kind);
});

test('nobody there is an error at first', async () => {
  const url = await (async () => {
    await using server = await scriptedServer(() => undefined);
    return server.url;
  })();
  const events = createClient({ baseUrl: url }).events();
  await expect(events[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(UnreachableError);
});

test('a refused token is renewed, and the signal ends it with its reason', async () => {
  const abort = new AbortController();
  await using server = await scriptedServer((seen, response) => {
    if (seen.headers.authorization === 'Bearer new') stream(response, ready);
    else response.writeHead(401).end();
  });
  const tokens: (string | undefined)[] = [];
  const client = createClient({
    baseUrl: server.url,
    token: async ({ refused }) => {
      tokens.push(refused);
      return refused === undefined ? 'old' : 'new';
    },
  });
  const following = (async () => {
    for await (const event of client.events({ signal: abort.signal })) {
      expect(event.type).toBe('ready');
      abort.abort(new Error('enough'));
    }
  })();
  await expect(following).rejects.toThrow('enough');
  expect(tokens).toEqual([undefined, 'old']);
});
