import { type Tick, tickSchema } from '@simple-scheduler/contracts';
import { createRunPruner, settleDueTicks } from '@simple-scheduler/engine';
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiUnderTest, openApi, T0 } from '../test/api-under-test.ts';

let api: ApiUnderTest;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const text = (minutes: number): string => new Date(T0 + minutes * MINUTE).toISOString();
const URL_OF_TICKS = '/api/jobs/report/ticks';

const add = (fields: object = {}) =>
  api.send('POST', '/api/jobs', { name: 'report', interval: 10 * MINUTE, ...fields });
const ask = (query: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
  api.send('GET', `${URL_OF_TICKS}?${new URLSearchParams(query).toString()}`);
const ticksOf = (response: LightMyRequestResponse): Tick[] => tickSchema.strict().array().parse(response.json());
const short = ({ scheduledAt, outcome }: Tick): string => `${(Date.parse(scheduledAt) - T0) / MINUTE} ${outcome}`;
const told = async (query: Record<string, string> = {}): Promise<string[]> => ticksOf(await ask(query)).map(short);

/** Time passes up to this minute, and a scheduler settles what is due by then. */
async function pass(minutes: number): Promise<void> {
  api.now = T0 + minutes * MINUTE;
  const job = await api.store.getJob('report');
  if (!job?.enabled || job.nextRunAt === undefined || job.nextRunAt > api.now) return;
  const { jobs } = await settleDueTicks(api.context, [job], api.now);
  const { nextRunAt = null, completedAt } = jobs[0] ?? {};
  const managerId = 'a'.repeat(24);
  await api.store.renewManager({ id: managerId, startedAt: T0, maxJobs: 0 });
  const [held] = await api.store.takeFreeJobs(managerId, 1);
  const { name, uid, epoch, nextRunAt: from } = job;
  const lease = { managerId, leaseToken: held?.leaseToken ?? 0 };
  const done = completedAt === undefined ? {} : { completedAt };
  await api.store.advanceJobs([{ name, uid, epoch, from, to: nextRunAt, ...lease, ...done }]);
  await api.store.releaseJobsOf([managerId], 1_000);
}

describe("the ledger of a job's ticks", () => {
  it('lists each tick of the last day, oldest first, with its run', async () => {
    await add();
    await pass(10);
    await pass(20);
    const ticks = ticksOf(await ask());
    const { runs } = await api.store.listRuns({ limit: 5 });
    expect(ticks).toEqual([
      { scheduledAt: text(10), outcome: 'pending', trigger: 'schedule', runId: runs[1]?.id },
      { scheduledAt: text(20), outcome: 'skipped', reason: 'overlap', trigger: 'schedule', runId: runs[0]?.id },
    ]);
    await pass(25);
    expect(await told()).toEqual(['10 pending', '20 skipped']);
    api.now += 24 * HOUR;
    expect(await told({ limit: '3' })).toEqual(['30 due', '40 due', '50 due']);
  });

  it('shows what is still to come in the window', async () => {
    await add();
    await pass(10);
    expect(await told({ from: text(0), to: text(40) })).toEqual(['10 pending', '20 due', '30 due', '40 due']);
    const [first, ...others] = await told({ from: text(11), limit: '500' });
    expect(first).toBe('20 due');
    expect(others).toHaveLength(24 * 6 - 1);
    await api.send('POST', '/api/jobs/report/pause');
    expect(await told({ from: text(0), to: text(40) })).toEqual(['10 pending']);
  });

  it('shows a row of skipped ticks as one, also to who looks into its middle', async () => {
    await add({ misfirePolicy: 'skip' });
    await pass(1_205);
    const row = { reason: 'misfire', trigger: 'schedule', from: text(10), to: text(1_200), count: 120 };
    const expected = { scheduledAt: text(10), outcome: 'skipped', runId: expect.any(String), ...row };
    expect(ticksOf(await ask())).toEqual([expected]);
    expect(ticksOf(await ask({ from: text(500), to: text(510) }))).toEqual([expected]);
    expect(ticksOf(await ask({ from: text(1_200), to: text(1_215) })).map(short)).toEqual(['10 skipped', '1210 due']);
    expect(await told({ from: text(1_201), to: text(1_215) })).toEqual(['1210 due']);
  });

  it('shows a tick whose record is gone as missing', async () => {
    await add({ allowConcurrentRuns: true });
    for (const minutes of [10, 20, 30]) await pass(minutes);
    const [, second] = (await api.store.listRuns({ limit: 5 })).runs;
    const lost = {
      ...api.store,
      listTicks: async (query: Parameters<typeof api.store.listTicks>[0]) =>
        (await api.store.listTicks(query)).filter((run) => run.id !== second?.id),
    };
    const other = await openApi({ store: () => lost });
    other.now = api.now;
    const response = await other.send('GET', URL_OF_TICKS);
    expect(ticksOf(response).map(short)).toEqual(['10 pending', '20 missing', '30 pending']);
    expect(ticksOf(response)[1]).toEqual({ scheduledAt: text(20), outcome: 'missing' });
    await other.close();
  });

  it('does not miss what retention has removed', async () => {
    await add({ allowConcurrentRuns: true, retentionCount: 1 });
    for (const minutes of [10, 20, 30]) await pass(minutes);
    for (const { id } of (await api.store.listRuns({ limit: 5 })).runs)
      await api.store.updateRuns([
        { id, rev: 0, change: { set: { status: 'completed', endedAt: T0 }, unset: ['owes', 'watchAt'] } },
      ]);
    const { log, meter } = api.context;
    const pruner = createRunPruner({ store: api.store, log, meter }, { retentionCount: 0, retentionAgeMs: 0 });
    expect(await pruner.turn()).toMatchObject({ removed: 2 });
    expect(await told()).toEqual(['30 completed']);
    await pass(40);
    expect(await told()).toEqual(['30 completed', '40 pending']);
  });

  it('misses nothing of a pause, of an earlier schedule, or of a run by hand', async () => {
    await add({ allowConcurrentRuns: true });
    await pass(10);
    await api.send('POST', '/api/jobs/report/pause');
    api.now = T0 + 35 * MINUTE;
    await api.send('POST', '/api/jobs/report/run');
    await api.send('POST', '/api/jobs/report/resume');
    await pass(40);
    expect(await told()).toEqual(['10 pending', '40 pending']);
    await api.send('PATCH', '/api/jobs/report', { interval: 7 * MINUTE });
    await pass(47);
    expect(await told({ to: text(60) })).toEqual(['10 pending', '40 pending', '47 pending', '54 due']);
    await api.send('PATCH', '/api/jobs/report', { nextRunAt: text(40) });
    expect(await told({ to: text(42) })).toEqual(['10 pending', '40 due', '40 pending']);
  });

  it('follows a job that runs once', async () => {
    await add({ interval: undefined, nextRunAt: text(10) });
    expect(await told({ to: text(60) })).toEqual(['10 due']);
    await pass(10);
    expect(await told({ to: text(60) })).toEqual(['10 pending']);
  });

  it('comes in pages, whose window stays what it was', async () => {
    await add({ allowConcurrentRuns: true });
    for (let minutes = 10; minutes <= 100; minutes += 10) await pass(minutes);
    const whole = await told();
    const walked: string[] = [];
    for (let url: string | undefined = `${URL_OF_TICKS}?limit=3`; url !== undefined; ) {
      const page = await api.send('GET', url);
      walked.push(...ticksOf(page).map(short));
      url = /<([^>]*)>; rel="next"/.exec(String(page.headers['link'] ?? ''))?.[1];
      // Meanwhile a day goes by.
      api.now += 6 * HOUR;
    }
    expect(walked).toEqual(whole);
    expect(walked).toHaveLength(10);
  });

  it.each([
    [{ from: text(10), to: text(9) }, 'to'],
    [{ to: 'soon' }, 'to'],
    [{ from: '2026-03-01' }, 'from'],
    [{ limit: '0' }, 'limit'],
    [{ cursor: 'x' }, 'cursor'],
    [{ cursor: Buffer.from('1 x 2 3').toString('base64url') }, 'cursor'],
    [{ until: text(9) }, 'until'],
  ])('refuses %j', async (query, path) => {
    await add();
    const response = await ask(query);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ errors: [{ path }] });
  });

  it('is not there for a job that is not', async () => {
    expect((await ask()).statusCode).toBe(404);
  });

  it('takes no time for a long window of a job that is due often', async () => {
    await add({ interval: 1 });
    const response = await ask({ from: text(0), to: '9999-12-31T00:00:00Z', limit: '500' });
    expect(ticksOf(response)).toHaveLength(500);
    expect(response.headers['link']).toContain('rel="next"');
  });
});
