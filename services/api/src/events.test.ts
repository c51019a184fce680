import { runRecord } from '@simple-scheduler/conformance';
import { jobSchema, runSchema } from '@simple-scheduler/contracts';
import { type ChangeFeed, NoChangeFeedError, StoreUnavailableError } from '@simple-scheduler/engine';
import { waitFor } from '@simple-scheduler/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ApiUnderTest, openApi } from '../test/api-under-test.ts';
import { type EventReader, readEvents } from '../test/event-reader.ts';
import { AUDIENCE, type IssuerUnderTest, openIssuer } from '../test/issuer-under-test.ts';
import { createOidcAuthenticator } from './auth/oidc.ts';
import { serveApi } from './serve.ts';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Served {
  readonly api: ApiUnderTest;
  readonly url: string;
  open(query?: string, headers?: Record<string, string>): Promise<EventReader>;
}

async function serve(options: Parameters<typeof openApi>[0] = {}): Promise<Served> {
  const api = await openApi(options);
  closing.push(() => api.close());
  const { address } = await serveApi(api.app, { host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${address.port}/api/events`;
  return {
    api,
    url,
    open: async (query = '', headers = {}) => {
      const reader = await readEvents(`${url}${query}`, headers);
      closing.push(() => reader.close());
      await reader.event('ready');
      return reader;
    },
  };
}

const connectionsOf = ({ app }: ApiUnderTest): Promise<number> =>
  new Promise((resolve, reject) => {
    app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });

const named = (reader: EventReader): string[] =>
  reader.events.slice(1).map(({ event, data }) => `${event} ${String(data['name'] ?? data['jobName'] ?? data['id'])}`);

const kinds = (reader: EventReader): unknown[] => [...new Set(reader.events.map(({ event }) => event))];

describe('GET /api/events', () => {
  it('tells of jobs and runs as GET shows them, with ids to come back by', async () => {
    const { api, open } = await serve();
    const reader = await open('', { 'accept-encoding': 'gzip' });
    expect(reader.response.headers.get('content-type')).toBe('text/event-stream');
    expect(reader.response.headers.get('content-encoding')).toBeNull();
    expect(reader.response.headers.get('cache-control')).toBe('no-store');
    expect(reader.text()).toMatch(/^retry: [1-3]\d{3}\n/);
    expect(reader.events[0]).toEqual({ event: 'ready', id: expect.any(String), data: { kinds: ['job', 'run'] } });

    await api.send('POST', '/api/jobs', { name: 'a', interval: 60_000, payload: 'line\nbreak' });
    const changed = await reader.event('job.changed');
    expect(changed.data).toEqual((await api.send('GET', '/api/jobs/a')).json());
    expect(jobSchema.strict().safeParse(changed.data).error).toBeUndefined();
    const run = (await api.send('POST', '/api/jobs/a/run')).json<{ id: string }>();
    await api.send('POST', `/api/runs/${run.id}/cancel`);
    await api.send('DELETE', '/api/jobs/a');
    expect((await reader.event('job.deleted')).data).toEqual({ name: 'a' });
    const told = await reader.event('run.changed', ({ status }) => status !== 'pending');
    expect(runSchema.strict().safeParse(told.data).error).toBeUndefined();
    expect((await reader.event('run.changed', ({ id }) => id === run.id)).id).toBe(
      reader.events.find(({ data }) => data['id'] === run.id)?.id,
    );
    const ids = reader.events.map(({ id }) => id ?? '');
    expect(ids.toSorted()).toEqual(ids);
  });

  it('tells of one job and its runs where one is asked for, and of no others', async () => {
    const { api, open } = await serve();
    const [one, all] = [await open('?jobName=one'), await open()];
    for (const name of ['one', 'other']) {
      await api.send('POST', '/api/jobs', { name, interval: 60_000 });
      await api.send('POST', `/api/jobs/${name}/run`);
      await all.event('run.changed', ({ jobName }) => jobName === name);
    }
    await api.send('POST', '/api/jobs', { name: 'one.more' });
    await api.send('DELETE', '/api/jobs/one');
    await one.event('job.deleted');
    await all.event('job.deleted');
    expect(new Set(named(one))).toEqual(new Set(['job.changed one', 'run.changed one', 'job.deleted one']));
    expect(named(all)).toEqual(
      expect.arrayContaining(['job.changed other', 'run.changed other', 'job.changed one.more']),
    );
  });

  it.each([
    ['parameters that do not exist', '?job=a', 400],
    ['a name that cannot be one', '?jobName=%00', 400],
  ])('refuses %s', async (_title, query, status) => {
    const { api } = await serve();
    expect((await api.send('GET', `/api/events${query}`)).statusCode).toBe(status);
  });

  it('has no HEAD, and says so', async () => {
    const { api } = await serve();
    expect((await api.send('HEAD', '/api/events')).statusCode).toBe(405);
  });
});

describe('a token', () => {
  let issuer: IssuerUnderTest;
  beforeAll(async () => {
    issuer = await openIssuer();
  });
  afterAll(() => issuer.stop());

  const withIssuer = (): Promise<Served> => {
    const authenticator = createOidcAuthenticator({ issuer: issuer.url, audience: AUDIENCE });
    return serve({ auth: { kind: 'oidc', issuer: issuer.url, authenticator } });
  };
  const bearer = async (claims: Record<string, unknown>): Promise<Record<string, string>> => ({
    authorization: `Bearer ${await issuer.token(claims)}`,
  });

  it('that may read runs is told of runs, and of jobs only where it may read those, too', async () => {
    const { api, open } = await withIssuer();
    const runs = await open('', await bearer({ scope: 'runs:read' }));
    const both = await open('', await bearer({ scope: 'runs:read jobs:read' }));
    const write = await bearer({ scope: 'jobs:write runs:write' });
    await api.send('POST', '/api/jobs', { name: 'a', payload: 'of the job' }, write);
    await both.event('job.changed');
    await api.send('POST', '/api/jobs/a/run', { payload: 'of the run' }, write);
    await Promise.all([runs.event('run.changed'), both.event('run.changed')]);
    // More may follow: the run is changed again when it is marked as published.
    expect(kinds(runs)).toEqual(['ready', 'run.changed']);
    expect(runs.events[0]?.data).toEqual({ kinds: ['run'] });
    expect(runs.text()).not.toContain('of the job');
    const all = await open('', {
      ...(await bearer({ scope: 'runs:read' })),
      'last-event-id': both.events[0]?.id ?? '',
    });
    await all.event('run.changed');
    expect(kinds(all)).toEqual(['ready', 'run.changed']);
  });

  it('that runs out ends its stream', async () => {
    const { open } = await withIssuer();
    const exp = Math.floor(Date.now() / 1_000) + 2;
    const reader = await open('', await bearer({ scope: 'runs:read', exp }));
    await reader.ended;
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1_000 - 10);
    // Within the tolerance for clocks it may still come back, but is sent away at once.
    expect(await (await open('', await bearer({ scope: 'runs:read', exp }))).ended).toContain('event: ready');
  });
});

describe('coming back', () => {
  it('gives all that happened meanwhile: from the ring, and from the store', async () => {
    const { api, open } = await serve({ events: { ringFrames: 5, gatherMs: 0 } });
    const reader = await open();
    const create = (name: string): Promise<unknown> => api.send('POST', '/api/jobs', { name });
    await create('job-0');
    await reader.event('job.changed');
    reader.close();
    const names = Array.from({ length: 12 }, (_, i) => `job-${i + 1}`);
    // Watched by another, so that the ring moves on past what the first one saw.
    const watching = await open();
    for (const [i, name] of names.entries()) {
      await create(name);
      await watching.until((events) => events.length === i + 2);
    }
    const back = await open('', { 'last-event-id': reader.lastId() ?? '' });
    await back.event('job.changed', ({ name }) => name === 'job-12');
    expect(named(back)).toEqual(names.map((name) => `job.changed ${name}`));
    const soon = await open('', { 'last-event-id': back.events.at(-3)?.id ?? '' });
    await soon.event('job.changed', ({ name }) => name === 'job-12');
    expect(named(soon)).toEqual(['job.changed job-11', 'job.changed job-12']);
    await create('live');
    for (const each of [back, soon]) await each.event('job.changed', ({ name }) => name === 'live');
    expect(named(back)).toHaveLength(13);
    expect([back, soon].flatMap(({ events }) => events.map(({ event }) => event))).not.toContain('reset');
  });

  it('says that all has to be read anew where it cannot, and goes on from there', async () => {
    const { api, open } = await serve({ events: { replayChanges: 3 } });
    const first = await open();
    const start = first.lastId() ?? '';
    for (const name of ['a', 'b', 'c', 'd']) await api.send('POST', '/api/jobs', { name });
    await first.event('job.changed', ({ name }) => name === 'd');
    // Within the ring, more are no trouble; the process that does not have them reads no more than so many.
    const near = await open('', { 'last-event-id': start });
    await near.event('job.changed', ({ name }) => name === 'd');
    for (const id of ['nonsense', '\u00e9', start.replace(/^./, 'f')]) {
      const reader = await open('', { 'last-event-id': Buffer.from(id).toString('latin1') });
      const reset = await reader.event('reset');
      expect([reader.events[1], reset.data]).toEqual([reset, {}]);
      expect(reader.events[0]).toMatchObject({ event: 'ready', id: undefined });
      await api.send('POST', '/api/jobs', { name: `after-${closing.length}` });
      await reader.event('job.changed', ({ name }) => name === `after-${closing.length}`);
      expect(named(reader).slice(1)).toHaveLength(1);
    }
  });

  it('moves the place to come back to while nothing happens that the stream tells of', async () => {
    const { api, open } = await serve({ events: { keepAliveMs: 50 } });
    const reader = await open('?jobName=quiet');
    const start = reader.lastId() ?? '';
    await api.send('POST', '/api/jobs', { name: 'loud' });
    await waitFor(() => (reader.lastId() ?? '') > start && reader.text().includes(': keep-alive\n'));
    expect(reader.events).toHaveLength(1);
  });

  it('moves it also while something happens all the time that the stream does not tell of', async () => {
    const { api, open } = await serve({ events: { keepAliveMs: 500, gatherMs: 0 } });
    const reader = await open('?jobName=quiet');
    const start = reader.lastId() ?? '';
    let loud = 0;
    await waitFor(async () => {
      loud += 1;
      await api.send('POST', '/api/jobs', { name: `loud-${loud}` });
      return reader.text().includes(': keep-alive\n');
    });
    expect((reader.lastId() ?? '') > start).toBe(true);
    expect(reader.events).toHaveLength(1);
  });

  it('is not silent while the stream waits for its turn to read what it missed', async () => {
    const { api, open } = await serve({ events: { keepAliveMs: 50, gatherMs: 0, ringFrames: 1, replays: 0 } });
    const watching = await open();
    for (const name of ['a', 'b', 'c']) {
      await api.send('POST', '/api/jobs', { name });
      await watching.event('job.changed', (data) => data['name'] === name);
    }
    const back = await open('', { 'last-event-id': watching.events[0]?.id ?? '' });
    await waitFor(() => back.text().split(': keep-alive\n').length > 2);
    // It has come no further.
    expect(back.lastId()).toBeUndefined();
  });

  it('says so also where the id has the form of one, and was never given out', async () => {
    const { api, open } = await serve();
    const reader = await open();
    for (const name of ['a', 'b', 'c']) await api.send('POST', '/api/jobs', { name });
    await reader.event('job.changed', ({ name }) => name === 'c');
    const id = reader.events.find(({ data }) => data['name'] === 'b')?.id ?? '';
    const other = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;
    const back = await open('', { 'last-event-id': other });
    await back.event('reset');
    await api.send('POST', '/api/jobs', { name: 'later' });
    await back.event('job.changed', ({ name }) => name === 'later');
    expect(named(back).slice(1)).toEqual(['job.changed later']);
  });
});

describe('limits', () => {
  it('refuses more streams than one caller, or all, may have, and gives places back', async () => {
    const { api, open } = await serve({ events: { perCaller: 2 } });
    const first = await open();
    await open();
    expect((await api.send('GET', '/api/events')).statusCode).toBe(429);
    first.close();
    await waitFor(() =>
      open().then(
        () => true,
        () => false,
      ),
    );
    const few = await serve({ events: { perProcess: 1 } });
    await few.open();
    const refused = await few.api.send('GET', '/api/events');
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '2']);
  });

  it('ends a stream that does not take what there is, and one that is old', async () => {
    const { api, open, url } = await serve({ events: { ringFrames: 20, gatherMs: 0 } });
    const watching = await open();
    const slow = await fetch(url);
    // Nobody reads it: buffers fill up, and its place leaves the ring.
    const payload = 'x'.repeat(60_000);
    for (let start = 0; start < 400; start += 10) {
      const names = Array.from({ length: 10 }, (_, i) => `job-${start + i}`);
      await Promise.all(names.map((name) => api.send('POST', '/api/jobs', { name, payload })));
      await watching.until((events) => names.every((name) => events.some(({ data }) => data['name'] === name)));
    }
    const text = await slow.text();
    expect(text.startsWith('retry: ')).toBe(true);
    expect(text).not.toContain('"job-399"');
    const old = await serve({ events: { lifetimeMs: 100 } });
    expect(await (await old.open()).ended).toContain('event: ready');
  }, 60_000);

  it('lets no slow client keep others from reading what they missed', async () => {
    const { api, open, url } = await serve({ events: { ringFrames: 20, gatherMs: 0, replays: 1, replayMs: 3_000 } });
    const watching = await open();
    const payload = 'x'.repeat(60_000);
    for (let start = 0; start < 300; start += 10) {
      const names = Array.from({ length: 10 }, (_, i) => `job-${start + i}`);
      await Promise.all(names.map((name) => api.send('POST', '/api/jobs', { name, payload })));
      await watching.until((events) => names.every((name) => events.some(({ data }) => data['name'] === name)));
    }
    const headers = { 'last-event-id': watching.events[0]?.id ?? '' };
    // Nobody reads it, while it has the only turn.
    const slow = await fetch(url, { headers });
    const other = await open('', headers);
    await other.event('job.changed', ({ name }) => name === 'job-299');
    await expect(slow.text()).rejects.toThrow('terminated');
  });

  it('stops, and ends what is old, though a client takes nothing', async () => {
    for (const ends of ['stop', 'age'] as const) {
      const { api, open, url } = await serve(ends === 'age' ? { events: { lifetimeMs: 3_000 } } : {});
      const start = (await open()).lastId() ?? '';
      const slow = await fetch(url, { headers: { 'last-event-id': start } });
      const payload = 'x'.repeat(60_000);
      for (let n = 0; n < 200; n += 1) await api.send('POST', '/api/jobs', { name: `job-${n}`, payload });
      if (ends === 'age') await waitFor(() => connectionsOf(api).then((count) => count === 0));
      await api.app.close();
      expect(await connectionsOf(api)).toBe(0);
      await slow.text().catch(() => {});
    }
  });

  it('ends all streams when the API stops, and serves no new one', async () => {
    const { api, open } = await serve();
    const readers = await Promise.all([open(), open(), open('?jobName=a')]);
    await api.app.close();
    for (const reader of readers) expect(await reader.ended).toContain('event: ready');
  });
});

describe('a store that fails in the middle of a batch of changes', () => {
  it('costs no stream an event, and brings none twice or out of order', async () => {
    let reads = 0;
    const { api, open } = await serve({
      store: (store) => ({
        ...store,
        getRuns: (ids) => {
          reads += 1;
          return reads === 2 ? Promise.reject(new StoreUnavailableError('away')) : store.getRuns(ids);
        },
      }),
    });
    const reader = await open();
    const runs = Array.from({ length: 250 }, () => runRecord());
    await api.store.insertRuns(runs);
    const ids = runs.map(({ id }) => id);
    await reader.event('run.changed', ({ id }) => id === ids.at(-1));
    const back = await open('', { 'last-event-id': reader.events[0]?.id ?? '' });
    await back.event('run.changed', ({ id }) => id === ids.at(-1));
    for (const each of [reader, back]) expect(each.events.slice(1).map(({ data }) => data['id'])).toEqual(ids);
  });
});

describe('a store that tells of no changes', () => {
  /** Fails as told, else follows. */
  function flaky(): { wrap: (feed: ChangeFeed) => ChangeFeed; fail(error: Error | undefined): void } {
    let failure: Error | undefined;
    const check = (): void => {
      if (failure !== undefined) throw failure;
    };
    const aborts = new Set<AbortController>();
    return {
      wrap: (feed) => ({
        async *follow(after, signal) {
          check();
          const cut = new AbortController();
          aborts.add(cut);
          yield* feed.follow(after, AbortSignal.any([signal, cut.signal]));
          check();
        },
      }),
      fail: (error) => {
        failure = error;
        if (error !== undefined) for (const each of aborts) each.abort();
      },
    };
  }

  it('is told of with 503, and why', async () => {
    const { wrap, fail } = flaky();
    fail(new NoChangeFeedError('MongoDB has to be a replica set'));
    const { api } = await serve({ changes: wrap });
    const refused = await api.send('GET', '/api/events');
    expect(refused.statusCode).toBe(503);
    expect(refused.json()).toMatchObject({ detail: 'MongoDB has to be a replica set' });
  });

  it('that is away keeps streams waiting, refuses new ones, and loses nothing', async () => {
    const { wrap, fail } = flaky();
    const { api, open } = await serve({ changes: wrap });
    const reader = await open();
    fail(new StoreUnavailableError('away'));
    await waitFor(() => api.logged.some((line) => line.startsWith('warn changes cannot be followed')));
    expect((await api.send('GET', '/api/events')).statusCode).toBe(503);
    await api.send('POST', '/api/jobs', { name: 'meanwhile' });
    fail(undefined);
    await reader.event('job.changed', ({ name }) => name === 'meanwhile');
    await open();
  });
});
