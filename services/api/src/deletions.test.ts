import { finishDeletions } from '@simple-scheduler/engine';
import { newRun } from '@simple-scheduler/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiUnderTest, openApi } from '../test/api-under-test.ts';
import { workerSays } from '../test/worker-says.ts';
import { heldCall } from '../test/held-call.ts';

let api: ApiUnderTest;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

/** Past the time that a scheduler may take with a job that it has loaded; deletions carry the database's time. */
function later(): void {
  api.now = Date.now() + 60_000;
}

const add = (fields: object = {}) => api.send('POST', '/api/jobs', { name: 'gone', ...fields });
const remove = (headers?: Record<string, string>) => api.send('DELETE', '/api/jobs/gone', undefined, headers);
const runNow = async (): Promise<string> => (await api.send('POST', '/api/jobs/gone/run')).json<{ id: string }>().id;
const statusOf = async (id: string): Promise<string> => {
  const run = await api.store.getRun(id);
  return `${run?.status} ${run?.reason}`;
};
const exists = (kind: string): boolean => api.broker.exchanges.hasExchange(`scheduler.${kind}.action`);

const say = (runId: string, status: string): Promise<void> => workerSays(api, { jobName: 'gone', runId, status });

describe('deleting a job', () => {
  it('takes the job, its exchanges and its queue away, and keeps its runs', async () => {
    await add();
    const id = await runNow();
    await say(id, 'completed');
    expect(exists('job.gone')).toBe(true);
    const response = await remove();
    expect([response.statusCode, response.body]).toEqual([204, '']);
    expect((await api.send('GET', '/api/jobs/gone')).statusCode).toBe(404);
    expect(exists('job.gone')).toBe(false);
    expect((await api.send('GET', `/api/runs/${id}`)).json()).toMatchObject({ id, status: 'completed' });
    expect((await remove()).statusCode).toBe(404);
  });

  it('ends its live runs, and asks their workers to give them up', async () => {
    await add({ workQueue: 'shared', maxQueueCount: 2 });
    const running = await runNow();
    await say(running, 'running');
    const waiting = [await runNow(), await runNow()];
    await remove();
    for (const id of [running, ...waiting]) expect(await statusOf(id)).toBe('cancelled job_deleted');
    const actions = api.queued('scheduler.queue.shared.action');
    expect(actions.map(({ action, runId }) => [action, runId])).toEqual([
      ['run', running],
      ['cancel', running],
    ]);
    expect(exists('queue.shared')).toBe(true);
  });

  it('goes by If-Match', async () => {
    await add();
    expect((await remove({ 'if-match': '"2"' })).statusCode).toBe(412);
    expect((await remove({ 'if-match': '"1"' })).statusCode).toBe(204);
  });

  it('answers while the bus is away, and is finished when it is back', async () => {
    await add({ maxQueueCount: 1 });
    const active = await runNow();
    const waiting = await runNow();
    api.broker.interrupt();
    expect((await remove()).statusCode).toBe(204);
    expect(await statusOf(waiting)).toBe('cancelled job_deleted');
    expect(await statusOf(active)).toBe('cancelling job_deleted');
    expect((await api.store.getRun(active))?.owes).toBe('cancel');
    api.broker.resume();
    later();
    expect(await finishDeletions(api.context)).toBe(1);
    expect(await statusOf(active)).toBe('cancelled job_deleted');
    expect(exists('job.gone')).toBe(false);
    expect(await api.store.listDeletions(5)).toEqual([]);
  });

  it('finds the run that a scheduler was about to start when the job went', async () => {
    await add();
    const job = await api.store.getJob('gone');
    if (job === null) throw new Error('the job was added');
    await remove();
    const now = api.now;
    const late = newRun(
      job,
      { id: api.context.ids.runId(now), now, trigger: 'schedule', scheduledAt: now, tickKey: `${job.uid}:0:late` },
      { kind: 'start', slot: `${job.uid}:a` },
    );
    await api.store.insertRuns([late]);
    expect(await finishDeletions(api.context)).toBe(0);
    later();
    expect(await finishDeletions(api.context)).toBe(1);
    expect(await statusOf(late.id)).toBe('cancelled job_deleted');
  });

  it('leaves the exchanges of a job that took its name meanwhile', async () => {
    await add();
    api.broker.interrupt();
    await remove();
    api.broker.resume();
    await add();
    later();
    expect(await finishDeletions(api.context)).toBe(1);
    expect(exists('job.gone')).toBe(true);
    const id = await runNow();
    expect((await api.store.getRun(id))?.publishedAt).toBeDefined();
  });

  it('waits for a bus that is away', async () => {
    await add();
    api.broker.interrupt();
    await remove();
    later();
    expect(await finishDeletions(api.context)).toBe(0);
    expect(await api.store.listDeletions(5)).toHaveLength(1);
  });

  it('ends more live runs than one batch holds', async () => {
    await add({ allowConcurrentRuns: true });
    const job = await api.store.getJob('gone');
    if (job === null) throw new Error('the job was added');
    const runs = Array.from({ length: 900 }, () => {
      const request = {
        id: api.context.ids.runId(api.now),
        now: api.now,
        trigger: 'manual',
        scheduledAt: api.now,
      } as const;
      return newRun(job, request, { kind: 'start' });
    });
    await api.store.insertRuns(runs);
    expect((await remove()).statusCode).toBe(204);
    expect(await api.store.liveRuns(job.uid, 1)).toEqual([]);
    expect((await api.store.listRuns({ limit: 1_000, statuses: ['cancelled'] })).runs).toHaveLength(900);
  });

  it('is done once, however many ask', async () => {
    await add();
    const statuses = (await Promise.all(Array.from({ length: 6 }, () => remove()))).map(
      (response) => response.statusCode,
    );
    expect(statuses.toSorted((a, b) => a - b)).toEqual([204, 404, 404, 404, 404, 404]);
  });
});

describe('a job that changes its work queue', () => {
  it('takes its own exchanges away when nothing needs them any more', async () => {
    await add();
    await api.send('PATCH', '/api/jobs/gone', { workQueue: 'shared' });
    expect([exists('job.gone'), exists('queue.shared')]).toEqual([false, true]);
    await api.send('PATCH', '/api/jobs/gone', { workQueue: null });
    expect([exists('job.gone'), exists('queue.shared')]).toEqual([true, true]);
  });

  it('keeps them for a run that came through them, until the job goes', async () => {
    await add();
    const id = await runNow();
    await api.send('PATCH', '/api/jobs/gone', { workQueue: 'shared' });
    expect(exists('job.gone')).toBe(true);
    await say(id, 'completed');
    await remove();
    expect([exists('job.gone'), exists('queue.shared')]).toEqual([false, true]);
  });
});

it('leaves no run of a job that was deleted, and forgotten, while the request for it was held up', async () => {
  await api.close();
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
  const late = api.send('POST', '/api/jobs/gone/run');
  await held;
  await remove();
  later();
  expect(await finishDeletions(api.context)).toBe(1);
  call.release();
  expect((await late).statusCode).toBe(503);
  expect((await api.store.listRuns({ limit: 5 })).runs).toEqual([]);
  expect(exists('job.gone')).toBe(false);
});
