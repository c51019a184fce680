import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiUnderTest, openApi, T0 } from '../test/api-under-test.ts';

let api: ApiUnderTest;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const SECOND = 1_000;
const at = (seconds: number): number => T0 + seconds * SECOND;
const text = (seconds: number): string => new Date(at(seconds)).toISOString();

async function add(fields: object = {}): Promise<void> {
  await api.send('POST', '/api/jobs', { name: 'tick', interval: 10 * SECOND, allowConcurrentRuns: true, ...fields });
}

/** Seconds of all ticks that have a record, and what became of them. */
async function ticks(): Promise<string[]> {
  const { runs } = await api.store.listRuns({ limit: 500 });
  return runs
    .toSorted((a, b) => a.scheduledAt - b.scheduledAt)
    .map((run) => `${(run.scheduledAt - T0) / SECOND} ${run.status}`);
}
const nextRun = async (): Promise<number | undefined> => {
  const next = (await api.store.getJob('tick'))?.nextRunAt;
  return next === undefined ? undefined : (next - T0) / SECOND;
};
const patch = async (fields: object): Promise<number> => (await api.send('PATCH', '/api/jobs/tick', fields)).statusCode;

describe('an edit while ticks are due', () => {
  it.each([
    ['pausing', { enabled: false }, 40],
    ['a new interval', { interval: 7 * SECOND }, 42],
    ['a cron instead', { cron: '* * * * *' }, 60],
    ['another nextRunAt', { nextRunAt: text(100) }, 100],
    ['no schedule any more', { interval: null }, undefined],
    ['another misfire policy', { misfirePolicy: 'skip' }, 40],
  ])('settles them first: %s', async (_title, fields, next) => {
    await add();
    api.now = at(35);
    expect(await patch(fields)).toBe(204);
    expect(await ticks()).toEqual(['10 pending', '20 pending', '30 pending']);
    expect(await nextRun()).toBe(next);
  });

  it('leaves them to the scheduler when it decides nothing about ticks', async () => {
    await add();
    api.now = at(35);
    expect(await patch({ description: 'x', payload: 1 })).toBe(204);
    expect(await ticks()).toEqual([]);
    expect(await nextRun()).toBe(10);
  });

  it('settles what was due by the edit before it, where it has looked at the clock earlier', async () => {
    await add();
    api.now = at(35);
    expect(await patch({ description: 'x' })).toBe(204);
    api.now = at(29); // held up between its look at the clock and its look at the job; or a clock that is behind
    expect(await patch({ enabled: false })).toBe(204);
    expect(await ticks()).toEqual(['10 pending', '20 pending', '30 pending']);
    expect(await nextRun()).toBe(40);
  });

  it('follows the misfire policy that the job had', async () => {
    await add({ misfirePolicy: 'skip', misfireGrace: 0 });
    api.now = at(35);
    expect(await patch({ misfirePolicy: 'fire_all' })).toBe(204);
    expect(await ticks()).toEqual(['10 skipped', '20 skipped', '30 skipped']);
  });

  it('makes one record of each tick, however many edits and schedulers settle them', async () => {
    await add();
    api.now = at(55);
    const edits = Array.from({ length: 6 }, (_, i) => api.send('PATCH', '/api/jobs/tick', { misfireLimit: i + 1 }));
    expect((await Promise.all(edits)).map((response) => response.statusCode)).toEqual(edits.map(() => 204));
    expect(await ticks()).toEqual([10, 20, 30, 40, 50].map((tick) => `${tick} pending`));
    expect(await nextRun()).toBe(60);
  });

  it('settles the tick of a once job, which is completed then', async () => {
    await add({ interval: undefined, nextRunAt: text(10) });
    api.now = at(12);
    expect(await patch({ enabled: false })).toBe(204);
    expect(await ticks()).toEqual(['10 pending']);
    expect((await api.send('GET', '/api/jobs/tick')).json()).toMatchObject({ enabled: false, completedAt: text(12) });
    expect(await nextRun()).toBeUndefined();
  });

  it('can pause a job that has more due ticks than an answer has time', async () => {
    await add({ interval: 1, misfireGrace: 86_400_000 });
    api.now = at(3_600);
    expect(await patch({ enabled: false })).toBe(204);
    const { runs } = await api.store.listRuns({ limit: 10_000 });
    const covered = runs.reduce((sum, run) => sum + (run.spanCount ?? 1), 0);
    expect(covered).toBe(3_600 * SECOND);
    expect(runs.filter((run) => run.spanCount !== undefined)).toEqual([
      expect.objectContaining({ status: 'skipped', reason: 'misfire', spanTo: at(3_600) - 1 }),
    ]);
    expect(await nextRun()).toBe(3_600.001);
  }, 60_000);
});

describe('an edit while ticks wait for their jitter', () => {
  const HOUR = 3_600 * SECOND;
  /** Twenty ticks are due, and hardly any has to start yet. */
  async function addWaiting(fields: object = {}): Promise<void> {
    await add({ interval: SECOND, nextRunAt: text(1), jitter: HOUR, misfireGrace: 2 * SECOND, ...fields });
    api.now = at(20);
  }
  const waiting = (status: string): string[] => Array.from({ length: 20 }, (_, i) => `${i + 1} ${status}`);
  const triggers = async (): Promise<Set<string>> => {
    const { runs } = await api.store.listRuns({ limit: 500 });
    return new Set(runs.map(({ trigger }) => trigger));
  };

  it.each([
    ['a pause', { enabled: false }],
    ['another end', { endAt: text(7_200) }],
    ['an end that has passed', { endAt: text(3) }],
    ['less jitter', { jitter: 0 }],
    ['another interval', { interval: 7 * SECOND }],
  ])('starts them, none of which is late: %s', async (_title, fields) => {
    for (const misfirePolicy of ['skip', 'fire_once']) {
      await addWaiting({ misfirePolicy });
      expect(await patch(fields)).toBe(204);
      expect(await ticks()).toEqual(waiting('pending'));
      expect(await triggers()).toEqual(new Set(['schedule']));
      await api.close();
      api = await openApi();
    }
  });

  it.each([
    ['the misfire policy', { misfirePolicy: 'skip', misfireGrace: 0, misfireLimit: 1 }],
    ['what has nothing to do with ticks', { description: 'x' }],
  ])('leaves them to their jitter where it changes %s', async (_title, fields) => {
    await addWaiting();
    expect(await patch(fields)).toBe(204);
    const recorded = await ticks();
    expect(recorded.length).toBeLessThan(20);
    expect(recorded.every((tick) => tick.endsWith('pending'))).toBe(true);
    expect(await nextRun()).toBe(1 + recorded.length);
  });

  it('runs a once job that is paused meanwhile', async () => {
    await add({ interval: undefined, nextRunAt: text(10), jitter: HOUR, misfireGrace: 0, misfirePolicy: 'skip' });
    api.now = at(15);
    await patch({ enabled: false });
    expect(await ticks()).toEqual(['10 pending']);
  });

  it('starts a tick once, however often its edit is said', async () => {
    await add({ nextRunAt: text(10), jitter: HOUR });
    api.now = at(11);
    const edit = { nextRunAt: text(10), endAt: text(12) };
    expect(await patch(edit)).toBe(204);
    expect(await patch({ jitter: 0 })).toBe(204);
    expect(await patch({ enabled: false })).toBe(204);
    expect(await ticks()).toEqual(['10 pending']);
  });
});

describe('a job that is declared again', () => {
  const whole = { interval: SECOND, allowConcurrentRuns: true, misfireGrace: 60 * SECOND };
  const put = async (fields: object): Promise<number> =>
    (await api.send('PUT', '/api/jobs/tick', { ...whole, ...fields })).statusCode;

  it.each([
    ['an end that has passed', { endAt: text(8) }],
    ['an end before its next tick', { endAt: text(10) }],
    ['an end far away', { endAt: text(1_000) }],
    ['another interval', { interval: 60 * SECOND }],
    ['nothing else', {}],
  ])('does not run again what has run: with %s', async (_title, fields) => {
    await put({ nextRunAt: text(-5) });
    api.now = at(10) + 1;
    await patch({ misfireLimit: 5 });
    const before = await ticks();
    expect(before).toHaveLength(16);
    for (let times = 0; times < 3; times += 1) expect(await put({ nextRunAt: text(-5), ...fields })).toBe(200);
    expect(await patch({ misfireLimit: 6 })).toBe(204);
    expect(await ticks()).toEqual(before);
  });

  it('does not make up for a pause', async () => {
    await put({ nextRunAt: text(1) });
    api.now = at(5);
    await api.send('POST', '/api/jobs/tick/pause');
    api.now = at(80);
    expect(await put({ nextRunAt: text(1) })).toBe(200);
    await patch({ misfireLimit: 6 });
    expect(await ticks()).toHaveLength(5);
    expect(await nextRun()).toBe(81);
  });
});

describe('the bounds of a once job', () => {
  it.each([
    ['endAt', { endAt: text(-1) }],
    ['startAt', { startAt: text(3_600) }],
  ])('are refused where they leave out its run: %s', async (path, fields) => {
    await add({ interval: undefined, nextRunAt: text(10) });
    const refused = await api.send('PATCH', '/api/jobs/tick', fields);
    expect(refused.statusCode).toBe(422);
    expect(refused.json()).toMatchObject({ errors: [{ path }] });
    expect((await api.send('GET', '/api/jobs/tick')).headers['etag']).toBe('"1"');
    api.now = at(11);
    expect(await patch(fields)).toBe(204);
    expect(await ticks()).toEqual(['10 pending']);
    expect(await patch({ endAt: text(5), startAt: text(4) })).toBe(204);
  });
});

describe('a disabled job', () => {
  it('has no tick left where its schedule ended in the pause', async () => {
    await add({ interval: SECOND, endAt: text(8) });
    api.now = at(1.5);
    await patch({ enabled: false });
    api.now = at(12);
    expect((await api.send('GET', '/api/jobs/tick/next')).json()).toEqual([]);
    await api.send('POST', '/api/jobs/tick/resume');
    await patch({ misfireLimit: 6 });
    expect(await ticks()).toEqual(['1 pending']);
    expect(await nextRun()).toBeUndefined();
  });

  it('has no due ticks to settle, and owes none when it is resumed', async () => {
    await add({ enabled: false });
    api.now = at(35);
    expect(await patch({ interval: 20 * SECOND })).toBe(204);
    expect(await nextRun()).toBe(55);
    api.now = at(200);
    expect((await api.send('POST', '/api/jobs/tick/resume')).statusCode).toBe(200);
    expect(await ticks()).toEqual([]);
    expect(await nextRun()).toBe(215);
  });

  it('keeps the time of its only run through a pause', async () => {
    await add({ interval: undefined, nextRunAt: text(10) });
    await patch({ enabled: false });
    api.now = at(100);
    await patch({ enabled: true });
    expect(await nextRun()).toBe(10);
  });
});

describe('moving nextRunAt', () => {
  it('runs a tick again that has run, because someone asked', async () => {
    await add();
    api.now = at(15);
    await patch({ misfireLimit: 5 });
    expect(await ticks()).toEqual(['10 pending']);
    await patch({ nextRunAt: text(10) });
    api.now = at(16);
    await patch({ enabled: false });
    expect(await ticks()).toEqual(['10 pending', '10 pending']);
  });

  it('is no wish to run again in a PUT of what the job was made of', async () => {
    const whole = { interval: 10 * SECOND, allowConcurrentRuns: true, nextRunAt: text(10) };
    await api.send('PUT', '/api/jobs/tick', whole);
    api.now = at(15);
    await patch({ misfireLimit: 5 });
    expect((await api.send('PUT', '/api/jobs/tick', { ...whole, misfireLimit: 5 })).headers['etag']).toBe('"2"');
    expect(await nextRun()).toBe(20);
    expect(await ticks()).toEqual(['10 pending']);
  });
});
