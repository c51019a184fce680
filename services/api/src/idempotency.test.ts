import type { Run } from '@simple-scheduler/contracts';
import { createRunPruner, type Store, StoreUnavailableError } from '@simple-scheduler/engine';
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { type ApiUnderTest, openApi } from '../test/api-under-test.ts';
import { heldCall } from '../test/held-call.ts';

const DAY_MS = 24 * 3_600_000;

let api: ApiUnderTest;
afterEach(() => api.close());

const run = (response: LightMyRequestResponse): Run => {
  if (response.statusCode !== 202) throw new Error(`answered ${response.statusCode}: ${response.body}`);
  return response.json<Run>();
};
const ask = (key: string, body?: unknown, url = '/api/jobs/report/run') =>
  api.send('POST', url, body, { 'idempotency-key': key });
const add = (fields: object = {}) => api.send('POST', '/api/jobs', { name: 'report', ...fields });
const runIds = async (): Promise<string[]> => (await api.store.listRuns({ limit: 100 })).runs.map(({ id }) => id);

/** As if its worker had said so. */
async function complete(id: string): Promise<void> {
  const { rev = 0 } = (await api.store.getRun(id)) ?? {};
  await api.store.updateRuns([
    { id, rev, change: { set: { status: 'completed', endedAt: api.now }, unset: ['slot', 'watchAt', 'owes'] } },
  ]);
}

/** What the custodian does, at the time of the test. */
async function prune(): Promise<void> {
  const store = { ...api.store, listManagers: async () => ({ managers: [], now: api.now }) };
  const pruner = createRunPruner({ ...api.context, store }, { retentionCount: 1, retentionAgeMs: 0 });
  while ((await pruner.turn()).more);
}

describe('what was asked for under a key', () => {
  it('is answered again, word for word, also when the run has gone on or is gone', async () => {
    api = await openApi();
    await add({ allowConcurrentRuns: true });
    const first = await ask('k', { payload: [1] });
    const { id } = run(first);
    await complete(id);
    expect((await ask('k', { payload: [1] })).body).toBe(first.body);
    api.now += 1;
    await complete(run(await ask('another')).id);
    api.now += 3_600_000;
    await prune();
    expect((await api.send('GET', `/api/runs/${id}`)).statusCode).toBe(404);
    const again = await ask('k', { payload: [1] });
    expect([again.body, again.headers['location']]).toEqual([first.body, `/api/runs/${id}`]);
    expect((await ask('k', { payload: [2] })).statusCode).toBe(422);
    expect(await runIds()).toHaveLength(1);
  });

  it('is kept for a day, and the key is free again then', async () => {
    api = await openApi();
    await add({ allowConcurrentRuns: true });
    const { id } = run(await ask('k'));
    api.now += DAY_MS;
    await prune();
    expect(run(await ask('k')).id).toBe(id);
    api.now += 1;
    await prune();
    expect(run(await ask('k', { payload: 'new' })).id).not.toBe(id);
  });

  it('counts where it is accepted only', async () => {
    api = await openApi();
    expect((await ask('k', { payload: 1 })).statusCode).toBe(404);
    await add();
    expect(run(await ask('k', { payload: 2 })).payload).toBe(2);
  });

  it('may be a retry: one new run of each key, also at the same time', async () => {
    api = await openApi();
    await add({ allowConcurrentRuns: true });
    const parent = run(await ask('k')).id;
    const url = `/api/runs/${parent}/retry`;
    expect((await ask('k', undefined, url)).statusCode).toBe(409);
    await complete(parent);
    const retries = await Promise.all(Array.from({ length: 6 }, () => ask('k', undefined, url)));
    expect(new Set(retries.map(({ body }) => body)).size).toBe(1);
    expect(run(retries[0] as LightMyRequestResponse)).toMatchObject({ trigger: 'retry', parentRunId: parent });
    await complete(run(retries[0] as LightMyRequestResponse).id);
    api.now += 3_600_000;
    await prune();
    expect((await api.send('GET', `/api/runs/${parent}`)).statusCode).toBe(404);
    expect((await ask('k', undefined, url)).body).toBe(retries[0]?.body);
  });
});

/** A store whose calls fail from the `n`th on, before or after that one took effect, until `heal` is called. */
function failingAt(n: number, effect: 'before' | 'after') {
  let calls = Number.NaN;
  let failed = false;
  const refuse = (): Promise<never> => Promise.reject(new StoreUnavailableError('no answer'));
  const through = (store: Store): Store =>
    new Proxy(store, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
        return async (...args: unknown[]) => {
          calls += 1;
          if (!(calls >= n)) return method(...args);
          if (calls === n && effect === 'after') await method(...args);
          failed = true;
          return refuse();
        };
      },
    });
  return {
    through,
    begin: () => {
      calls = 0;
    },
    heal: () => {
      calls = Number.NaN;
    },
    hasFailed: () => failed,
  };
}

/** More than a request makes. */
const CALLS_MAX = 20;

describe.each(['before', 'after'] as const)('a process that dies, %s a call of the store took effect,', (effect) => {
  it.each([false, true])('loses and doubles nothing (with all of it removed meanwhile: %j)', async (removed) => {
    let failures = 0;
    for (let n = 1; n <= CALLS_MAX; n += 1) {
      const failing = failingAt(n, effect);
      api = await openApi({ store: failing.through });
      await add({ allowConcurrentRuns: true });
      failing.begin();
      const first = await ask('k', { payload: 1 });
      failing.heal();
      if (failing.hasFailed()) failures += 1;
      const made = await runIds();
      if (removed && made[0] !== undefined) {
        await complete(made[0]);
        api.now += 1;
        await complete(run(await ask(`other ${n}`)).id);
        api.now += 3_600_000;
        await prune();
        expect(await runIds(), `call ${n}`).not.toContain(made[0]);
      }
      api.now += 90_000;
      const { id } = run(await ask('k', { payload: 1 }));
      if (first.statusCode === 202) expect(id).toBe(run(first).id);
      if (made[0] !== undefined) expect(id, `call ${n}`).toBe(made[0]);
      const all = await runIds();
      expect(all.filter((one) => one === id).length, `call ${n}`).toBe(removed && made[0] !== undefined ? 0 : 1);
      expect(all, `call ${n}`).toHaveLength(1);
      await api.close();
    }
    // All places where a request can be cut off, and no more than there are.
    expect(failures).toBeGreaterThan(5);
    expect(failures).toBeLessThan(CALLS_MAX);
    api = await openApi();
  });
});

it('a process that was held up in the middle makes no second run of what others have made and removed', async () => {
  const call = heldCall();
  api = await openApi({
    store: (store) => ({
      ...store,
      occupancy: async (uids) => {
        await call.pass();
        return store.occupancy(uids);
      },
    }),
  });
  await add();
  const held = call.arm();
  const late = ask('k');
  await held;
  const { id } = run(await ask('k'));
  await complete(id);
  api.now += 1;
  await complete(run(await ask('another')).id);
  api.now += 3_600_000;
  await prune();
  call.release();
  expect((await late).statusCode).toBe(503);
  expect(await runIds()).toHaveLength(1);
  expect(run(await ask('k')).id).toBe(id);
});

it('who finds an unanswered request makes no second run of one that is answered and removed right then', async () => {
  // The first process dies when the run is made, and no custodian runs for an hour.
  let dies = false;
  const call = heldCall();
  api = await openApi({
    store: (store) => ({
      ...store,
      insertRuns: async (runs) => {
        await call.pass();
        const outcomes = await store.insertRuns(runs);
        if (dies) throw new StoreUnavailableError('no answer');
        return outcomes;
      },
    }),
  });
  await add({ allowConcurrentRuns: true });
  dies = true;
  expect((await ask('k')).statusCode).toBe(503);
  dies = false;
  const [id = ''] = await runIds();
  await complete(id);
  api.now += 1;
  await complete(run(await ask('another')).id);
  api.now += 3_600_000;
  const held = call.arm();
  const again = ask('k');
  await Promise.race([held, again]);
  await prune();
  call.release();
  expect(run(await again).id).toBe(id);
  expect(await runIds()).not.toContain(id);
});
