import { type Run, runSchema } from '@simple-scheduler/contracts';
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ApiUnderTest, openApi, T0 } from '../test/api-under-test.ts';
import { workerSays } from '../test/worker-says.ts';

let api: ApiUnderTest;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const run = (response: LightMyRequestResponse): Run => runSchema.strict().parse(response.json());
const add = (fields: object) => api.send('POST', '/api/jobs', fields);
const runNow = (body?: unknown, headers?: Record<string, string>) =>
  api.send('POST', '/api/jobs/report/run', body, headers);
const read = async (id: string): Promise<Run> => run(await api.send('GET', `/api/runs/${id}`));

const say = (runId: string, status: string, fields: object = {}): Promise<void> =>
  workerSays(api, { jobName: 'report', runId, status, ...fields });

/** Everything that waits for the workers of this job. */
const actions = (): Record<string, unknown>[] => api.queued('scheduler.job.report.action');

describe('running a job now', () => {
  it('answers the run, and hands it to the workers', async () => {
    await add({ name: 'report', payload: { to: 'team' } });
    const response = await runNow();
    expect(response.statusCode).toBe(202);
    const started = run(response);
    expect(response.headers['location']).toBe(`/api/runs/${started.id}`);
    expect(started).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      jobName: 'report',
      status: 'pending',
      trigger: 'manual',
      scheduledAt: new Date(T0).toISOString(),
      createdTime: new Date(T0).toISOString(),
      publishedAt: new Date(T0).toISOString(),
      attempt: 1,
      payload: { to: 'team' },
    });
    expect(await read(started.id)).toEqual(started);
    expect(actions()).toEqual([expect.objectContaining({ action: 'run', runId: started.id, payload: { to: 'team' } })]);
  });

  it.each([
    [{ payload: { to: 'me' } }, { to: 'me' }],
    [{ payload: null }, null],
    [{ payload: 0 }, 0],
    [{}, { to: 'team' }],
    ['null', { to: 'team' }],
  ])('takes %j for the payload', async (body, payload) => {
    await add({ name: 'report', payload: { to: 'team' } });
    expect(run(await runNow(body)).payload).toEqual(payload);
  });

  it('also runs a disabled job', async () => {
    await add({ name: 'report', enabled: false, interval: 60_000 });
    expect((await runNow()).statusCode).toBe(202);
  });

  it('lets one wait, and skips the next, as the job allows', async () => {
    await add({ name: 'report', maxQueueCount: 1 });
    const [first, second, third] = [run(await runNow()), run(await runNow()), run(await runNow())];
    expect(first).toHaveProperty('publishedAt');
    expect(second).toMatchObject({ status: 'pending' });
    expect(second).not.toHaveProperty('publishedAt');
    expect(third).toMatchObject({ status: 'skipped', reason: 'overlap', trigger: 'manual' });
    await say(first.id, 'completed');
    expect(await read(second.id)).toHaveProperty('publishedAt');
  });

  it('answers a run that its own request let go ahead, as the active one ended meanwhile', async () => {
    await add({ name: 'report', maxQueueCount: 1 });
    const active = run(await runNow());
    const insert = api.store.insertRuns.bind(api.store);
    vi.spyOn(api.store, 'insertRuns').mockImplementationOnce(async (runs) => {
      await say(active.id, 'completed');
      return insert(runs);
    });
    const next = run(await runNow());
    expect(next).toHaveProperty('publishedAt');
    expect(await read(next.id)).toEqual(next);
  });

  it('does not read again what it has just written', async () => {
    await add({ name: 'report' });
    const [getRun, getRuns] = [vi.spyOn(api.store, 'getRun'), vi.spyOn(api.store, 'getRuns')];
    expect((await runNow()).statusCode).toBe(202);
    expect(getRun).not.toHaveBeenCalled();
    expect(getRuns).not.toHaveBeenCalled();
  });

  it('starts all at once where runs may overlap', async () => {
    await add({ name: 'report', allowConcurrentRuns: true });
    const runs = (await Promise.all(Array.from({ length: 5 }, () => runNow()))).map(run);
    expect(runs.every((one) => one.publishedAt !== undefined)).toBe(true);
  });

  it('never starts two of one job at once, however many ask', async () => {
    await add({ name: 'report', maxQueueCount: 3 });
    const runs = (await Promise.all(Array.from({ length: 12 }, () => runNow()))).map(run);
    const count = (is: (one: Run) => boolean): number => runs.filter(is).length;
    expect(count((one) => one.publishedAt !== undefined)).toBe(1);
    expect(count((one) => one.status === 'pending')).toBe(4);
    expect(count((one) => one.status === 'skipped')).toBe(8);
  });

  it('finds a place for each where there are enough, however many ask at once', async () => {
    await add({ name: 'report', maxQueueCount: 100 });
    const runs = (await Promise.all(Array.from({ length: 90 }, () => runNow()))).map(run);
    const waiting = runs.filter((one) => one.status === 'pending' && one.publishedAt === undefined);
    expect(waiting).toHaveLength(89);
  });

  it('keeps the run for later while the bus is away', async () => {
    await add({ name: 'report' });
    api.broker.interrupt();
    const response = await runNow();
    expect(response.statusCode).toBe(202);
    expect(run(response)).not.toHaveProperty('publishedAt');
    expect((await api.store.getRun(run(response).id))?.owes).toBe('run');
  });

  it.each([
    [{ payload: 'x'.repeat(65_600) }, 'payload'],
    [{ paylod: 1 }, 'paylod'],
    [[], ''],
  ])('refuses a body like %j', async (body, path) => {
    await add({ name: 'report' });
    const response = await runNow(body);
    expect(response.statusCode).toBe(422);
    expect(response.json<{ errors: { path: string }[] }>().errors.map((e) => e.path)).toEqual([path]);
    expect((await api.store.listRuns({ limit: 5 })).runs).toEqual([]);
  });
});

describe('an idempotency key', () => {
  const keyed = (key: string, body?: unknown) => runNow(body, { 'idempotency-key': key });

  it('makes one run of a request that is sent again, also at the same time', async () => {
    await add({ name: 'report', allowConcurrentRuns: true, payload: 1 });
    const runs = (await Promise.all(Array.from({ length: 6 }, () => keyed('k 1')))).map(run);
    expect(new Set(runs.map((one) => one.id)).size).toBe(1);
    expect(run(await keyed('k 2')).id).not.toBe(runs[0]?.id);
    expect(actions().length).toBe(2);
  });

  it('is refused for another body', async () => {
    await add({ name: 'report', allowConcurrentRuns: true, payload: 1 });
    const { id } = run(await keyed('k', { payload: { a: 1, b: 2 } }));
    expect(run(await keyed('k', { payload: { b: 2, a: 1 } })).id).toBe(id);
    for (const body of [{ payload: { a: 1 } }, { payload: null }, {}, undefined]) {
      const response = await keyed('k', body);
      expect([response.statusCode, response.json<{ code: string }>().code]).toEqual([422, 'invalid']);
    }
  });

  it('still answers its run when the job was edited since', async () => {
    await add({ name: 'report', payload: 1 });
    const { id } = run(await keyed('k'));
    api.now += 1;
    await api.send('PATCH', '/api/jobs/report', { payload: 2 });
    expect(run(await keyed('k'))).toMatchObject({ id, payload: 1 });
  });

  it('belongs to its job', async () => {
    await add({ name: 'report' });
    await add({ name: 'other' });
    const { id } = run(await keyed('k'));
    expect(run(await api.send('POST', '/api/jobs/other/run', undefined, { 'idempotency-key': 'k' })).id).not.toBe(id);
    await api.send('DELETE', '/api/jobs/report');
    await add({ name: 'report' });
    expect(run(await keyed('k')).id).not.toBe(id);
  });

  it.each(['', ' ', 'ü', 'x'.repeat(256), '\t'])('must be visible: %j', async (key) => {
    await add({ name: 'report' });
    expect((await keyed(key)).statusCode).toBe(400);
  });
});

describe('cancelling a run', () => {
  const cancel = async (id: string): Promise<number> => (await api.send('POST', `/api/runs/${id}/cancel`)).statusCode;

  it('asks the worker, once', async () => {
    await add({ name: 'report' });
    const { id } = run(await runNow());
    await say(id, 'running');
    expect(await cancel(id)).toBe(204);
    expect(await read(id)).toMatchObject({ status: 'cancelling', reason: 'requested' });
    expect(await cancel(id)).toBe(204);
    expect(actions().map((action) => action['action'])).toEqual(['run', 'cancel']);
    await say(id, 'cancelled');
    expect(await read(id)).toMatchObject({ status: 'cancelled' });
    expect(await cancel(id)).toBe(204);
  });

  it('ends a waiting run at once, and leaves the others in their order', async () => {
    await add({ name: 'report', maxQueueCount: 2 });
    const [first, second, third] = [run(await runNow()), run(await runNow()), run(await runNow())];
    expect(await cancel(second.id)).toBe(204);
    expect(await read(second.id)).toMatchObject({ status: 'cancelled', reason: 'requested' });
    await say(first.id, 'completed');
    expect(await read(third.id)).toHaveProperty('publishedAt');
  });

  it('ends one that waits for its retry at once, and the next takes its place', async () => {
    await add({ name: 'report', maxRetries: 1, retryDelay: 60_000, maxQueueCount: 1 });
    const [first, second] = [run(await runNow()), run(await runNow())];
    await say(first.id, 'failed');
    expect(await read(first.id)).toMatchObject({ status: 'pending', attempt: 2 });
    expect(await read(second.id)).not.toHaveProperty('publishedAt');
    expect(await cancel(first.id)).toBe(204);
    expect(await read(first.id)).toMatchObject({ status: 'cancelled', reason: 'requested' });
    expect(await read(second.id)).toHaveProperty('publishedAt');
    expect(actions().map((action) => action['runId'])).toEqual([first.id, second.id]);
  });

  it('takes a pending run along', async () => {
    await add({ name: 'report' });
    const { id } = run(await runNow());
    expect(await cancel(id)).toBe(204);
    expect((await read(id)).status).toBe('cancelling');
  });

  it('answers 400 where the run has ended otherwise, 404 where there is none', async () => {
    await add({ name: 'report' });
    const { id } = run(await runNow());
    await say(id, 'completed');
    expect(await cancel(id)).toBe(400);
    expect(await read(id)).toMatchObject({ status: 'completed' });
    expect(await cancel('0'.repeat(24))).toBe(404);
    for (const wrong of ['1', 'A'.repeat(24), `${'0'.repeat(24)}%00`, 'x'.repeat(3_000)])
      expect(await cancel(wrong)).toBe(400);
  });

  it('is not done by GET', async () => {
    await add({ name: 'report' });
    const { id } = run(await runNow());
    const response = await api.send('GET', `/api/runs/${id}/cancel`);
    expect([response.statusCode, response.headers['allow']]).toEqual([405, 'OPTIONS, POST']);
    expect((await read(id)).status).toBe('pending');
  });

  it('is remembered while the bus is away', async () => {
    await add({ name: 'report' });
    const { id } = run(await runNow());
    api.broker.interrupt();
    expect(await cancel(id)).toBe(204);
    expect(await api.store.getRun(id)).toMatchObject({ status: 'cancelling', owes: 'cancel' });
  });
});

describe('retrying a run', () => {
  const retry = (id: string) => api.send('POST', `/api/runs/${id}/retry`);

  it('makes a new run of the same payload', async () => {
    await add({ name: 'report', payload: 'old' });
    const { id } = run(await runNow({ payload: 'mine' }));
    expect((await retry(id)).statusCode).toBe(409);
    await say(id, 'failed', { error: 'no' });
    const response = await retry(id);
    expect(response.statusCode).toBe(202);
    expect(run(response)).toMatchObject({
      trigger: 'retry',
      parentRunId: id,
      payload: 'mine',
      status: 'pending',
      attempt: 1,
    });
    expect(await read(id)).toMatchObject({ status: 'failed', error: 'no' });
  });

  it('does not borrow a payload that the run did not have', async () => {
    await add({ name: 'report' });
    const { id } = run(await runNow());
    await say(id, 'completed');
    await api.send('PATCH', '/api/jobs/report', { payload: 'new' });
    expect(run(await retry(id))).not.toHaveProperty('payload');
  });

  it('goes through the same door as any run', async () => {
    await add({ name: 'report' });
    const first = run(await runNow());
    const skipped = run(await runNow());
    expect(run(await retry(skipped.id))).toMatchObject({ status: 'skipped', reason: 'overlap', trigger: 'retry' });
    await say(first.id, 'completed');
    expect(run(await retry(skipped.id))).toMatchObject({ status: 'pending' });
  });

  it('needs the job, and the run', async () => {
    await add({ name: 'report' });
    const { id } = run(await runNow());
    await say(id, 'completed');
    await api.send('DELETE', '/api/jobs/report');
    expect((await retry(id)).statusCode).toBe(409);
    expect((await retry('0'.repeat(24))).statusCode).toBe(404);
  });
});

describe('listing runs', () => {
  async function walk(url: string, between: () => Promise<unknown> = async () => undefined): Promise<Run[]> {
    const runs: Run[] = [];
    for (let next: string | undefined = url; next !== undefined; ) {
      const response: LightMyRequestResponse = await api.send('GET', next);
      expect(response.statusCode).toBe(200);
      runs.push(...response.json<Run[]>());
      next = /^<([^>]+)>; rel="next"$/.exec(String(response.headers['link'] ?? ''))?.[1];
      if (next !== undefined) await between();
    }
    return runs;
  }

  const idsOf = (response: LightMyRequestResponse): string[] => response.json<{ id: string }[]>().map(({ id }) => id);

  it('gives each run once, newest first, while more are made', async () => {
    await add({ name: 'report', allowConcurrentRuns: true });
    const made: string[] = [];
    for (let i = 0; i < 7; i += 1) {
      api.now += i % 2;
      made.push(run(await runNow()).id);
    }
    const seen = (await walk('/api/runs?limit=2', () => runNow())).map((one) => one.id);
    expect(seen).toEqual(made.toReversed());
  });

  it('filters by job, status and time, from page to page', async () => {
    await add({ name: 'report', allowConcurrentRuns: true });
    await add({ name: 'other' });
    const ids: string[] = [];
    for (let i = 0; i < 4; i += 1) {
      ids.push(run(await runNow()).id);
      api.now += 1_000;
    }
    await api.send('POST', '/api/jobs/other/run');
    await say(ids[0] as string, 'completed');
    await say(ids[1] as string, 'failed', { error: 'x' });
    await say(ids[2] as string, 'running');
    const list = async (query: string): Promise<string[]> =>
      (await walk(`/api/runs?limit=1&${query}`)).map((one) => one.id);
    expect(await list('jobName=report')).toEqual(ids.toReversed());
    expect(await list('status=completed,failed')).toEqual([ids[1], ids[0]]);
    expect(await list('status=completed&status=failed&status=completed')).toEqual([ids[1], ids[0]]);
    expect(await list(`createdBefore=${new Date(T0 + 2_000).toISOString()}&jobName=report`)).toEqual([ids[1], ids[0]]);
    const from = `createdAfter=${new Date(T0 + 2_000).toISOString()}&jobName=report`;
    expect(await list(from)).toEqual([ids[3], ids[2]]);
    expect(await list(`${from}&createdBefore=${new Date(T0 + 3_000).toISOString()}`)).toEqual([ids[2]]);
    const whole = await api.send('GET', `/api/runs?${from}&limit=3`);
    expect([idsOf(whole), whole.headers['link']]).toEqual([[ids[3], ids[2]], undefined]);
    expect(await list(`startedBefore=${encodeURIComponent('2026-03-02T00:00:00+01:00')}`)).toEqual([ids[2]]);
    expect(await list(`heartbeatBefore=${new Date(T0).toISOString()}`)).toEqual([]);
    expect(await list('jobName=none')).toEqual([]);
  });

  it.each([
    ['status=done', 'status'],
    ['status=', 'status'],
    ['status=failed&status=done', 'status'],
    ['createdBefore=yesterday', 'createdBefore'],
    ['createdAfter=yesterday', 'createdAfter'],
    ['startedBefore=2026-03-01', 'startedBefore'],
    ['heartbeatBefore=1', 'heartbeatBefore'],
    ['jobName=a%2Fb', 'jobName'],
    ['limit=-1', 'limit'],
    ['cursor=YQ', 'cursor'],
    ['job=report', 'job'],
    ['id=1', 'id'],
  ])('refuses ?%s', async (query, path) => {
    const response = await api.send('GET', `/api/runs?${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.json<{ errors: { path: string }[] }>().errors.map((e) => e.path)).toEqual([path]);
  });
});
