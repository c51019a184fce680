import { publishOwed, watchRuns } from '@simple-scheduler/engine';
import type { JobRecord } from '@simple-scheduler/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiUnderTest, openApi, T0 } from '../test/api-under-test.ts';
import { workerSays } from '../test/worker-says.ts';

let api: ApiUnderTest;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const runNow = async (): Promise<string> => (await api.send('POST', '/api/jobs/report/run')).json<{ id: string }>().id;

/** Ids of runs that workers have been asked to do, in that order. */
const started = (): unknown[] => api.queued('scheduler.job.report.action').map((action) => action['runId']);

/** A job that runs one at a time, and so many runs of it. */
async function crowd(size: number): Promise<string[]> {
  await api.send('POST', '/api/jobs', { name: 'report', maxQueueCount: size });
  const ids: string[] = [];
  for (let i = 0; i < size; i += 1) ids.push(await runNow());
  expect(started()).toEqual(ids.slice(0, 1));
  return ids;
}

/** What is left of an edit whose process died before it had started what waited. */
async function allowConcurrency(): Promise<void> {
  const { name, uid, revision, nextRunAt } = (await api.store.getJob('report')) as JobRecord;
  const guard = { uid, revision, nextRunAt };
  const edit = { name, guard, set: { allowConcurrentRuns: true }, unset: [], free: false };
  expect(await api.store.editJob(edit)).toMatchObject({ outcome: 'updated' });
}

const watch = async (): Promise<void> => {
  api.now += 6_000;
  await watchRuns(api.context, api.now, {
    holding: () => () => false,
    submit: async (runs) => void (await publishOwed(api.context, runs)),
  });
};

const complete = (runId: string): Promise<void> => workerSays(api, { jobName: 'report', runId, status: 'completed' });

describe('runs that wait for their turn, where runs may overlap from now on', () => {
  it('all start with the edit, oldest first, and take no place', async () => {
    const ids = await crowd(4);
    expect((await api.send('PATCH', '/api/jobs/report', { allowConcurrentRuns: true })).statusCode).toBe(204);
    expect(started()).toEqual(ids);
    for (const run of await api.store.getRuns(ids.slice(1))) {
      expect(run).toMatchObject({ status: 'pending', publishedAt: T0 });
      expect(run.slot).toBeUndefined();
      expect(run.waiting).toBeUndefined();
    }
    ids.push(await runNow());
    expect(started()).toEqual(ids);
  });

  it('wait on with an edit of anything else', async () => {
    const ids = await crowd(3);
    await api.send('PATCH', '/api/jobs/report', { maxQueueCount: 9, description: 'x' });
    await watch();
    expect(started()).toEqual(ids.slice(0, 1));
  });

  it.each<[string, (ids: readonly string[]) => Promise<void>]>([
    ['the watchdog', watch],
    ['the end of a run beside others', async ([first]) => complete(first as string)],
  ])('are found by %s where the edit did not come to it', async (_title, find) => {
    const ids = await crowd(4);
    await allowConcurrency();
    ids.push(await runNow());
    expect(started()).toEqual([ids[0], ids[4]]);
    await find(ids);
    expect(new Set(started())).toEqual(new Set(ids));
  });

  it('start by the hundred, the rest with the next turns of the watchdog', async () => {
    const ids = await crowd(250);
    await api.send('PATCH', '/api/jobs/report', { allowConcurrentRuns: true });
    expect(started()).toEqual(ids.slice(0, 101));
    await watch();
    expect(new Set(started())).toEqual(new Set(ids.slice(0, 201)));
    await watch();
    expect(new Set(started())).toEqual(new Set(ids));
  });

  it('wait for all that is active where runs may not overlap any more', async () => {
    const ids = await crowd(2);
    await api.send('PATCH', '/api/jobs/report', { allowConcurrentRuns: true });
    await api.send('PATCH', '/api/jobs/report', { allowConcurrentRuns: false });
    ids.push(await runNow());
    await complete(ids[0] as string);
    await watch();
    expect(started()).toEqual(ids.slice(0, 2));
    await complete(ids[1] as string);
    expect(started()).toEqual(ids);
  });
});
