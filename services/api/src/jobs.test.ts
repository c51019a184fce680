import { jobSchema } from '@simple-scheduler/contracts';
import type { Job } from '@simple-scheduler/contracts';
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiUnderTest, openApi, T0 } from '../test/api-under-test.ts';

let api: ApiUnderTest;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const at = (ms: number): string => new Date(T0 + ms).toISOString();
const job = (response: LightMyRequestResponse): Job => jobSchema.strict().parse(response.json());
const errorsOf = (response: LightMyRequestResponse): string[] =>
  response.json<{ errors: { path: string }[] }>().errors.map((error) => error.path);
const add = async (fields: object): Promise<Job> => job(await api.send('POST', '/api/jobs', fields));

const LOUD = { prefer: 'return=representation' };

const FULL = {
  name: 'full',
  description: 'all of it',
  enabled: false,
  cron: '30 8 * * 1-5',
  timezone: 'Europe/Berlin',
  nextRunAt: '2026-03-02T09:00:00.000Z',
  misfirePolicy: 'fire_all',
  misfireLimit: 7,
  misfireGrace: 1,
  runStartTimeout: 2,
  runExecutionTimeout: 3,
  cancelTimeout: 4,
  heartbeatTimeout: 5,
  allowConcurrentRuns: true,
  maxQueueCount: 6,
  payload: { deep: [1, null, { 'a.b$': 'ü\u0000' }] },
  meta: { team: 'billing', 'a.b': '$c' },
  workQueue: 'shared',
  target: { type: 'worker' },
};

describe('adding a job', () => {
  it('answers the job with its defaults, where it is, and its ETag', async () => {
    const response = await api.send('POST', '/api/jobs', { name: 'report', interval: 60_000 });
    expect(response.statusCode).toBe(201);
    expect(response.headers).toMatchObject({ location: '/api/jobs/report', etag: '"1"' });
    expect(job(response)).toEqual({
      name: 'report',
      enabled: true,
      interval: 60_000,
      timezone: 'UTC',
      nextRunAt: at(60_000),
      misfirePolicy: 'fire_once',
      misfireLimit: 100,
      misfireGrace: 60_000,
      runStartTimeout: 0,
      runExecutionTimeout: 0,
      cancelTimeout: 60_000,
      heartbeatTimeout: 0,
      maxRetries: 0,
      retryBackoff: 'exponential',
      retryDelay: 1_000,
      retryMaxDelay: 3_600_000,
      maxRestarts: 0,
      jitter: 0,
      allowConcurrentRuns: false,
      maxQueueCount: 0,
      target: { type: 'worker' },
      createdAt: at(0),
      updatedAt: at(0),
      revision: 1,
    });
    expect((await api.send('GET', '/api/jobs/report')).json()).toEqual(response.json());
  });

  it('keeps every field as it was sent', async () => {
    const created = await add(FULL);
    expect(created).toMatchObject(FULL);
    expect(job(await api.send('GET', '/api/jobs/full'))).toEqual(created);
  });

  it('declares its exchanges and queue with the answer', async () => {
    await add({ name: 'report', interval: 60_000 });
    const { exchanges } = api.broker;
    for (const kind of ['action', 'status', 'heartbeat']) {
      expect(exchanges.hasExchange(`scheduler.job.report.${kind}`)).toBe(true);
    }
  });

  it('is told to all schedulers at once', async () => {
    const heard: string[] = [];
    await api.bus.onControl((message) => heard.push(JSON.stringify(message)));
    await add({ name: 'second' });
    expect(heard).toEqual(['{"type":"job_changed","names":["second"]}']);
  });

  it('answers 201 also while the bus is away', async () => {
    api.broker.interrupt();
    const response = await api.send('POST', '/api/jobs', { name: 'report', interval: 60_000 });
    expect(response.statusCode).toBe(201);
    expect(api.logged).toContain('warn topology is not declared yet; a scheduler will declare it');
    expect((await api.send('GET', '/api/jobs/report')).statusCode).toBe(200);
  });

  it('refuses a name that is taken, and leaves the job as it was', async () => {
    await add({ name: 'report', interval: 60_000 });
    expect((await api.send('POST', '/api/jobs', { name: 'report', interval: 1 })).statusCode).toBe(409);
    expect(job(await api.send('GET', '/api/jobs/report')).interval).toBe(60_000);
    expect((await api.send('POST', '/api/jobs', { name: 'Report' })).statusCode).toBe(201);
  });

  it('starts an interval where nextRunAt says, whatever zone it is written in', async () => {
    const created = await add({ name: 'report', interval: 60_000, nextRunAt: '2026-03-01T10:00:30.5+01:00' });
    expect(created.nextRunAt).toBe('2026-03-01T09:00:30.500Z');
  });

  it.each([
    [{ name: 'a', maxRetries: -3 }, 'maxRetries'],
    [{ name: 'a', jitter: -1 }, 'jitter'],
    [{ name: 'a', startAt: 'soon' }, 'startAt'],
    [{ name: 'a', onSuccess: ['b'] }, 'onSuccess'],
    [{ name: 'a', target: { type: 'http' } }, 'target.type'],
    [{ name: 'a', revision: 3 }, 'revision'],
    [{ name: 'a', managerId: 'x' }, 'managerId'],
    [{ name: 'a', intervall: 3 }, 'intervall'],
    [{ name: 'a', interval: 0 }, 'interval'],
    [{ name: 'a', interval: 1.5 }, 'interval'],
    [{ name: 'a', interval: '1000' }, 'interval'],
    [{ name: 'a', interval: 1e300 }, 'interval'],
    [{ name: 'a', interval: null }, 'interval'],
    [{ name: 'a', interval: 1, cron: '* * * * *' }, 'cron'],
    [{ name: 'a', cron: '0 0 30 2 *' }, 'cron'],
    [{ name: 'a', cron: '0 0 31 4 *' }, 'cron'],
    [{ name: 'a', cron: '* * *' }, 'cron'],
    [{ name: 'a', cron: 'x'.repeat(257) }, 'cron'],
    [{ name: 'a', cron: '* * * * *', timezone: 'Mars/Base' }, 'timezone'],
    [{ name: 'a', timezone: '../etc' }, 'timezone'],
    [{ name: 'a', nextRunAt: 'tomorrow' }, 'nextRunAt'],
    [{ name: 'a', nextRunAt: '2026-02-30T00:00:00Z' }, 'nextRunAt'],
    [{ name: 'a', nextRunAt: '2026-03-01T00:00:00' }, 'nextRunAt'],
    [{ name: 'a', nextRunAt: '1969-12-31T23:59:59Z' }, 'nextRunAt'],
    [{ name: 'a', nextRunAt: 1_772_000_000_000 }, 'nextRunAt'],
    [{ name: 'a', enabled: 'yes' }, 'enabled'],
    [{ name: 'a', payload: 'x'.repeat(65_600) }, 'payload'],
    [{ name: 'a', meta: { a: 1 } }, 'meta.a'],
    [{ name: 'a', misfirePolicy: 'never' }, 'misfirePolicy'],
    [{ name: 'a', maxQueueCount: -1 }, 'maxQueueCount'],
    [{ name: 'a', workQueue: 'a b' }, 'workQueue'],
    [{}, 'name'],
    [{ name: '' }, 'name'],
    [{ name: '.hidden' }, 'name'],
    [{ name: 'a/b' }, 'name'],
    [{ name: 'ä' }, 'name'],
    [{ name: 'a\n' }, 'name'],
    [{ name: 'a\u0000' }, 'name'],
    [{ name: 'x'.repeat(201) }, 'name'],
    [{ name: 7 }, 'name'],
    [[], ''],
    ['"text"', ''],
    ['null', ''],
    ['7', ''],
  ])('refuses %j by naming %s, and adds nothing', async (body, path) => {
    const response = await api.send('POST', '/api/jobs', body);
    expect(response.statusCode).toBe(422);
    expect(errorsOf(response)).toEqual([path]);
    expect((await api.store.listJobs({ limit: 5 })).jobs).toEqual([]);
  });

  it.each([
    [{ name: 'a', cron: 'x', timezone: 'Nowhere/Land' }, ['timezone', 'cron']],
    [{ name: 'a', cron: 'x', startAt: '2026-03-02T00:00:00Z', endAt: '2026-03-01T00:00:00Z' }, ['cron', 'endAt']],
    [{ name: 'a', cron: 'x', maxRetries: -1 }, ['maxRetries', 'cron']],
    [{ name: '', timezone: 'Nowhere/Land' }, ['name', 'timezone']],
    [{ name: 'a', x: 1, startAt: '2026-03-02T00:00:00Z', nextRunAt: '2026-03-01T00:00:00Z' }, ['x', 'nextRunAt']],
    [{ name: 'a', interval: 0, cron: 'x' }, ['interval', 'cron']],
    [{ name: 'a', startAt: '2027', endAt: '2026-03-01T00:00:00Z' }, ['startAt']],
    [{ name: 'a', cron: 'x'.repeat(300), timezone: 7 }, ['cron', 'timezone']],
  ])('names each wrong field of %j, also by the rules between fields', async (body, paths) => {
    const { name, ...fields } = body;
    expect(errorsOf(await api.send('POST', '/api/jobs', body))).toEqual(paths);
    expect(errorsOf(await api.send('PUT', '/api/jobs/a', fields))).toEqual(paths.filter((path) => path !== 'name'));
    await add({ name: 'a' });
    expect(errorsOf(await api.send('PATCH', '/api/jobs/a', fields))).toEqual(paths.filter((path) => path !== 'name'));
  });

  it('names every wrong field at once', async () => {
    const response = await api.send('POST', '/api/jobs', { name: '-', interval: 0, enabled: 1, jitter: -3, x: 1 });
    expect(errorsOf(response).sort()).toEqual(['enabled', 'interval', 'jitter', 'name', 'x']);
  });
});

describe('listing jobs', () => {
  async function walk(url: string): Promise<string[][]> {
    const pages: string[][] = [];
    for (let next: string | undefined = url; next !== undefined; ) {
      const response: LightMyRequestResponse = await api.send('GET', next);
      expect(response.statusCode).toBe(200);
      pages.push(response.json<Job[]>().map((one) => one.name));
      next = /^<([^>]+)>; rel="next"$/.exec(String(response.headers['link'] ?? ''))?.[1];
    }
    return pages;
  }

  it('gives each job once, in order of names, page by page', async () => {
    for (const name of ['b', 'a', 'C', 'd', 'e']) await add({ name });
    expect(await walk('/api/jobs?limit=2')).toEqual([['C', 'a'], ['b', 'd'], ['e']]);
    expect(await walk('/api/jobs')).toEqual([['C', 'a', 'b', 'd', 'e']]);
  });

  it('keeps the filters from page to page', async () => {
    for (const [i, name] of ['a1', 'a2', 'a3', 'b1'].entries()) {
      await add({ name, enabled: i !== 1, meta: { 'team & co': 'x=y', odd: String(i % 2) } });
    }
    expect(await walk('/api/jobs?limit=1&name=a*&enabled=true')).toEqual([['a1'], ['a3']]);
    const label = `${encodeURIComponent('meta.team & co')}=${encodeURIComponent('x=y')}`;
    expect(await walk(`/api/jobs?limit=1&${label}&meta.odd=1`)).toEqual([['a2'], ['b1']]);
    expect(await walk('/api/jobs?name=a')).toEqual([[]]);
    expect(await walk('/api/jobs?name=a1')).toEqual([['a1']]);
    expect(await walk('/api/jobs?name=%25*')).toEqual([[]]);
  });

  it('shows the last heartbeat of the scheduler that holds a job', async () => {
    await add({ name: 'held', interval: 60_000 });
    await add({ name: 'idle' });
    await api.store.renewManager({ id: 'a'.repeat(24), startedAt: T0, maxJobs: 0 });
    await api.store.takeFreeJobs('a'.repeat(24), 5);
    const [held, idle] = (await api.send('GET', '/api/jobs')).json<Job[]>();
    expect(held).toMatchObject({ managerId: 'a'.repeat(24), heartbeat: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(idle).not.toHaveProperty('managerId');
    expect(idle).not.toHaveProperty('heartbeat');
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=x', 'limit'],
    ['limit=', 'limit'],
    ['limit=0x10', 'limit'],
    ['limit=1e1', 'limit'],
    ['limit=%202', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['cursor=', 'cursor'],
    ['cursor=!!', 'cursor'],
    ['cursor=YQ==', 'cursor'],
    ['cursor=YR', 'cursor'],
    ['cursor=Y', 'cursor'],
    ['cursor=YQ&cursor=YQ', 'cursor'],
    ['enabled=yes', 'enabled'],
    ['name=', 'name'],
    ['name=a&name=b', 'name'],
    ['foo=1', 'foo'],
    ['meta=1', 'meta'],
    ['meta.a=1&meta.a=2', 'meta.a'],
    ['__proto__=1', '__proto__'],
    ['constructor=1', 'constructor'],
  ])('refuses ?%s', async (query, path) => {
    const response = await api.send('GET', `/api/jobs?${query}`);
    expect(response.statusCode).toBe(400);
    expect(errorsOf(response)).toEqual([path]);
  });
});

it('a query with several mistakes names each', async () => {
  for (const [url, paths] of [
    ['/api/jobs?limit=0&enabled=x&foo=1&meta.a=1&meta.a=2', ['limit', 'enabled', 'foo', 'meta.a']],
    ['/api/runs?limit=0&status=x&foo=1', ['limit', 'status', 'foo']],
    ['/api/jobs/a/ticks?limit=0&from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z&foo=1', ['limit', 'foo', 'to']],
  ] as const) {
    expect([url, errorsOf(await api.send('GET', url))]).toEqual([url, paths]);
  }
});

describe('changing a job', () => {
  it('answers 204 with the new ETag, or the job where that is preferred', async () => {
    await add({ name: 'report', interval: 60_000 });
    const quiet = await api.send('PATCH', '/api/jobs/report', { description: 'x' });
    expect([quiet.statusCode, quiet.body, quiet.headers['etag']]).toEqual([204, '', '"2"']);
    const loud = await api.send(
      'PATCH',
      '/api/jobs/report',
      { description: null },
      { prefer: 'return=representation' },
    );
    expect(loud.statusCode).toBe(200);
    expect(loud.headers).toMatchObject({ etag: '"3"', 'preference-applied': 'return=representation' });
    expect(job(loud)).toMatchObject({ revision: 3 });
    expect(job(loud)).not.toHaveProperty('description');
  });

  it('keeps the revision when nothing changes', async () => {
    await add(FULL);
    const { name: _, ...fields } = FULL;
    const response = await api.send('PATCH', '/api/jobs/full', fields);
    expect([response.statusCode, response.headers['etag']]).toEqual([204, '"1"']);
    expect((await api.send('PATCH', '/api/jobs/full', {})).statusCode).toBe(204);
    expect(job(await api.send('GET', '/api/jobs/full')).revision).toBe(1);
  });

  it('takes fields away by null, or back to their defaults; null is a payload', async () => {
    const { payload: _p, target: _t, name: _n, ...others } = FULL;
    const plain = await add({ name: 'plain' });
    await add({
      ...FULL,
      maxRetries: 3,
      retryBackoff: 'fixed',
      retryDelay: 1,
      retryMaxDelay: 2,
      maxRestarts: 4,
      jitter: 5,
    });
    const nulls = Object.fromEntries(Object.keys({ ...plain, ...others }).map((field) => [field, null]));
    const { name: _, createdAt: _c, updatedAt: _u, revision: _r, ...patch } = nulls;
    const answer = await api.send('PATCH', '/api/jobs/full', { ...patch, payload: null }, LOUD);
    expect(job(answer)).toEqual({ ...plain, name: 'full', payload: null, revision: 2 });
  });

  it('puts given labels and a given payload in the place of what was there', async () => {
    await add({ name: 'a', meta: { team: 'x', old: 'y' }, payload: { a: 1, b: 2 } });
    const patch = { meta: { team: 'z', gone: null }, payload: { c: null } };
    const changed = job(await api.send('PATCH', '/api/jobs/a', patch, LOUD));
    expect([changed.meta, changed.payload]).toEqual([{ team: 'z' }, { c: null }]);
  });

  const MERGE = { 'content-type': 'application/merge-patch+json; charset=utf-8', ...LOUD };

  it('merges labels and payload into what is there where that is asked for (RFC 7396)', async () => {
    await add({ ...FULL, meta: { team: 'x', old: 'y' }, payload: { a: { b: 1, c: 2 }, list: [1, 2] } });
    const patch = { meta: { old: null, new: 'z' }, payload: { a: { c: null, d: { e: null } }, list: [3] } };
    const merged = job(await api.send('PATCH', '/api/jobs/full', patch, MERGE));
    expect(merged).toMatchObject({ revision: 2, cron: FULL.cron, misfireLimit: 7 });
    expect(merged.meta).toEqual({ team: 'x', new: 'z' });
    expect(merged.payload).toEqual({ a: { b: 1, d: {} }, list: [3] });
    const bare = job(await api.send('PATCH', '/api/jobs/full', { meta: null, payload: null, timezone: null }, MERGE));
    expect(bare).not.toHaveProperty('meta');
    expect(bare).not.toHaveProperty('payload');
    expect(bare.timezone).toBe('UTC');
    expect(job(await api.send('PATCH', '/api/jobs/full', { payload: { f: 1 } }, MERGE)).payload).toEqual({ f: 1 });
  });

  it('merges changes that come at once, and loses none', async () => {
    await add({ name: 'a', meta: { team: 'x' } });
    const changes = Array.from({ length: 10 }, (_, i) => ({ meta: { [`k${i}`]: 'v' }, payload: { [`p${i}`]: i } }));
    await Promise.all(changes.map((change) => api.send('PATCH', '/api/jobs/a', change, MERGE)));
    const { meta, payload } = job(await api.send('GET', '/api/jobs/a'));
    expect([Object.keys(meta ?? {}).length, Object.keys(payload as object).length]).toEqual([11, 10]);
  });

  it('refuses what labels and payload would become past their limits, and changes nothing', async () => {
    const labels = (prefix: string): object =>
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${prefix}${i}`, '']));
    const before = await add({ name: 'a', meta: labels('a'), payload: { a: 'x'.repeat(40_000) } });
    const patch = { meta: labels('b'), payload: { b: 'x'.repeat(40_000) } };
    const response = await api.send('PATCH', '/api/jobs/a', patch, MERGE);
    expect([response.statusCode, errorsOf(response)]).toEqual([422, ['meta', 'payload']]);
    expect(job(await api.send('GET', '/api/jobs/a'))).toEqual(before);
  });

  it.each([
    ['"1"', 204],
    ['*', 204],
    ['"7", "1"', 204],
    ['"2"', 412],
    ['W/"1"', 412],
    ['"x"', 412],
    ['""', 412],
    ['1', 400],
    ['"1', 400],
    ['"1" "2"', 400],
  ])('goes by If-Match: %s', async (header, status) => {
    await add({ name: 'report', interval: 60_000 });
    const response = await api.send('PATCH', '/api/jobs/report', { enabled: false }, { 'if-match': header });
    expect(response.statusCode).toBe(status);
    expect(job(await api.send('GET', '/api/jobs/report')).enabled).toBe(status !== 204);
  });

  it('lets all of many changes at once through, one after the other', async () => {
    await add({ name: 'report', interval: 60_000 });
    const changes = Array.from({ length: 10 }, (_, i) => ({ meta: { [`k${i}`]: 'v' }, maxQueueCount: i }));
    const responses = await Promise.all(changes.map((change) => api.send('PATCH', '/api/jobs/report', change)));
    expect(responses.map((response) => response.statusCode)).toEqual(changes.map(() => 204));
    expect(new Set(responses.map((response) => response.headers['etag'])).size).toBe(changes.length);
  });

  it('lets one of many changes of the same revision through', async () => {
    await add({ name: 'report', interval: 60_000 });
    const changes = Array.from({ length: 10 }, (_, i) =>
      api.send('PATCH', '/api/jobs/report', { maxQueueCount: i + 1 }, { 'if-match': '"1"' }),
    );
    const statuses = (await Promise.all(changes)).map((response) => response.statusCode);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([204, ...Array.from({ length: 9 }, () => 412)]);
  });

  it.each([
    [{ name: 'other' }, 'name'],
    [{ revision: 2 }, 'revision'],
    [{ retryDelay: -2 }, 'retryDelay'],
    [{ interval: 1, cron: '* * * * *' }, 'cron'],
    [{ cron: '0 0 30 2 *' }, 'cron'],
    [{ timezone: 'Nowhere/Land' }, 'timezone'],
    [{ name: null }, 'name'],
    [{ revision: null }, 'revision'],
    [{ meta: { a: 1 } }, 'meta.a'],
    [{ misfireLimit: 1e9 }, 'misfireLimit'],
    ['null', ''],
    [[], ''],
  ])('refuses %j by naming %s, and changes nothing', async (patch, path) => {
    const before = await add({ name: 'report', interval: 60_000 });
    const response = await api.send('PATCH', '/api/jobs/report', patch);
    expect(response.statusCode).toBe(422);
    expect(errorsOf(response)).toEqual([path]);
    expect(job(await api.send('GET', '/api/jobs/report'))).toEqual(before);
  });

  it('takes the job from its holder when it is paused, in the same write', async () => {
    await add({ name: 'report', interval: 60_000 });
    await api.store.takeFreeJobs('a'.repeat(24), 5);
    const paused = await api.send('POST', '/api/jobs/report/pause');
    expect([paused.statusCode, job(paused).enabled, paused.headers['etag']]).toEqual([200, false, '"2"']);
    expect(await api.store.getJob('report')).not.toHaveProperty('managerId');
    expect(job(await api.send('POST', '/api/jobs/report/pause', {})).revision).toBe(2);
    api.now = T0 + 150_000;
    expect(job(await api.send('POST', '/api/jobs/report/resume'))).toMatchObject({
      enabled: true,
      nextRunAt: at(180_000),
    });
    expect((await api.send('POST', '/api/jobs/report/resume', { force: true })).statusCode).toBe(422);
  });

  it('answers 404 for a job that is not there', async () => {
    for (const [method, url] of [
      ['GET', '/api/jobs/none'],
      ['PATCH', '/api/jobs/none'],
      ['DELETE', '/api/jobs/none'],
      ['POST', '/api/jobs/none/pause'],
      ['POST', '/api/jobs/none/resume'],
      ['POST', '/api/jobs/none/run'],
      ['GET', '/api/jobs/none/next'],
    ] as const) {
      const response = await api.send(method, url, method === 'PATCH' ? {} : undefined);
      expect([url, response.statusCode]).toEqual([url, 404]);
    }
  });
});

describe('putting a job', () => {
  it('adds it, leaves it, changes it', async () => {
    const added = await api.send('PUT', '/api/jobs/report', { interval: 60_000, description: 'x' });
    expect(added.statusCode).toBe(201);
    expect(added.headers).toMatchObject({ location: '/api/jobs/report', etag: '"1"' });
    const same = await api.send('PUT', '/api/jobs/report', { name: 'report', interval: 60_000, description: 'x' });
    expect([same.statusCode, same.headers['etag']]).toEqual([200, '"1"']);
    expect(same.json()).toEqual(added.json());
    const changed = await api.send('PUT', '/api/jobs/report', { interval: 60_000 });
    expect([changed.statusCode, changed.headers['etag']]).toEqual([200, '"2"']);
    expect(job(changed)).not.toHaveProperty('description');
  });

  it('accepts what it answered, less what is read-only', async () => {
    const { createdAt: _c, updatedAt: _u, revision: _r, ...fields } = await add(FULL);
    const response = await api.send('PUT', '/api/jobs/full', fields);
    expect([response.statusCode, response.headers['etag']]).toEqual([200, '"1"']);
  });

  it('goes by If-Match and If-None-Match', async () => {
    const put = (headers: Record<string, string>) => api.send('PUT', '/api/jobs/report', { interval: 1 }, headers);
    expect((await put({ 'if-match': '*' })).statusCode).toBe(412);
    expect((await put({ 'if-none-match': '*' })).statusCode).toBe(201);
    expect((await put({ 'if-none-match': '*' })).statusCode).toBe(412);
    expect((await put({ 'if-none-match': '"1"' })).statusCode).toBe(400);
    expect((await put({ 'if-match': '"1"' })).statusCode).toBe(200);
    expect((await put({ 'if-match': '"9"' })).statusCode).toBe(412);
  });

  it('refuses another name than the one of its address', async () => {
    const response = await api.send('PUT', '/api/jobs/report', { name: 'other' });
    expect([response.statusCode, errorsOf(response)]).toEqual([422, ['name']]);
    expect((await api.send('PUT', '/api/jobs/a%2Fb', {})).statusCode).toBe(400);
  });

  it('makes one job of many puts at once', async () => {
    const responses = await Promise.all(
      Array.from({ length: 8 }, () => api.send('PUT', '/api/jobs/one', { interval: 60_000 })),
    );
    const statuses = responses.map((response) => response.statusCode).toSorted((a, b) => a - b);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect((await api.store.listJobs({ limit: 5 })).jobs).toHaveLength(1);
  });
});

describe('reading a job again', () => {
  it.each([
    ['"1"', 304],
    ['W/"1"', 304],
    ['"7", "1"', 304],
    ['*', 304],
    ['"2"', 200],
    ['"11"', 200],
    ['1', 400],
    ['', 400],
  ])('goes by If-None-Match: %s', async (header, status) => {
    await add({ name: 'report', interval: 60_000 });
    for (const method of ['GET', 'HEAD']) {
      const response = await api.send(method, '/api/jobs/report', undefined, { 'if-none-match': header });
      expect(response.statusCode).toBe(status);
      if (status === 304) expect([response.body, response.headers['etag']]).toEqual(['', '"1"']);
    }
    expect((await api.send('GET', '/api/jobs/none', undefined, { 'if-none-match': header })).statusCode).toBe(404);
  });
});

describe('the next ticks', () => {
  it('follow the schedule, on wall-clock time, also of a disabled job', async () => {
    await add({
      name: 'cron',
      cron: '30 2 * * *',
      timezone: 'Europe/Berlin',
      enabled: false,
      nextRunAt: '2026-03-28T01:30:00Z',
    });
    const response = await api.send('GET', '/api/jobs/cron/next?count=3');
    // The clocks go forward on the 29th: 02:30 does not exist, and fires at the moment after the gap.
    expect(response.json()).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });
  it('are ten when no number is asked for, at most a thousand', async () => {
    await add({ name: 'report', interval: 60_000 });
    expect((await api.send('GET', '/api/jobs/report/next')).json()).toHaveLength(10);
    expect((await api.send('GET', '/api/jobs/report/next?count=1000')).json()).toHaveLength(1_000);
    for (const count of ['0', '1001', 'x', '']) {
      expect((await api.send('GET', `/api/jobs/report/next?count=${count}`)).statusCode).toBe(400);
    }
    expect((await api.send('GET', '/api/jobs/report/next?n=3')).statusCode).toBe(400);
  });
});
