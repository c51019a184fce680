import type { JobInput, Run } from '@simple-scheduler/contracts';
import { waitFor } from '@simple-scheduler/testkit';
import { sharedMongodb, sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Installation, install } from './support/installation.ts';
import { allRuns } from './support/ledger.ts';
import { type PlainWorker, type Receipt, startPlainWorker } from './support/plain-worker.ts';

const CLEANUP_INTERVAL_MS = 1_000;
/** What is late is looked for this often, and may have to wait for a machine that is busy. */
const REPAIR_MS = CLEANUP_INTERVAL_MS + 1_500;

let system: Installation;
beforeAll(async () => {
  system = await install({
    mongodb: await sharedMongodb(),
    rabbitmq: await sharedRabbitmq(),
    settings: { SIMPLE_SCHEDULER_CLEANUP_INTERVAL: String(CLEANUP_INTERVAL_MS) },
  });
});
afterAll(() => system[Symbol.asyncDispose]());

const state = (id: string, wanted: (run: Run) => boolean): Promise<Run> => {
  let seen: Run | undefined;
  return waitFor(
    async () => {
      seen = await system.client.runs.get(id);
      return wanted(seen) ? seen : undefined;
    },
    { message: () => `a state of the run, which is ${JSON.stringify(seen)}` },
  );
};
const ended = (id: string): Promise<Run> => state(id, (run) => run.endTime !== undefined);
const since = (earlier: string | undefined, later: string | undefined): number =>
  Date.parse(later ?? '') - Date.parse(earlier ?? '');

/** A worker that answers the attempts of each run with these bodies, one after the other, the last one for all further. */
function answering(job: string, ...bodies: readonly object[]): Promise<PlainWorker> {
  const onAction = async ({ action, runId, attempt }: Receipt, worker: PlainWorker): Promise<void> => {
    if (action !== 'run') return;
    await worker.say(job, 'status', { runId, attempt, status: 'running', workerId: `w${attempt}` });
    await worker.say(job, 'status', { runId, attempt, ...(bodies[attempt - 1] ?? bodies.at(-1)) });
  };
  return startPlainWorker({ url: system.amqpUrl, jobs: [job], onAction });
}

const flaky = { maxRetries: 2, retryBackoff: 'fixed', retryDelay: 300 } as const satisfies Partial<JobInput>;

describe('a run that fails', () => {
  it('is tried again after its delay until it succeeds, and tells of each attempt', async () => {
    await system.client.jobs.create({ name: 'third-time', ...flaky, retryDelay: 700 });
    const failed = { status: 'failed', error: 'no luck' };
    await using worker = await answering('third-time', failed, failed, { status: 'completed', output: 'at last' });
    const { id } = await system.client.jobs.run('third-time');

    const waiting = await state(id, (run) => run.nextRetryAt !== undefined && run.attempt === 2);
    expect(waiting).toMatchObject({ status: 'pending', attempts: [{ attempt: 1, outcome: 'failed' }] });
    expect(waiting).not.toHaveProperty('error');
    expect(since(waiting.attempts?.[0]?.endTime, waiting.nextRetryAt)).toBe(700);

    const run = await ended(id);
    expect(run).toMatchObject({
      status: 'completed',
      attempt: 3,
      output: 'at last',
      workerId: 'w3',
      attempts: [
        { attempt: 1, outcome: 'failed', error: 'no luck', workerId: 'w1' },
        { attempt: 2, outcome: 'failed', error: 'no luck', workerId: 'w2' },
      ],
    });
    expect(run).not.toHaveProperty('nextRetryAt');
    expect(worker.receipts.map(({ runId, attempt }) => [runId, attempt])).toEqual([1, 2, 3].map((n) => [id, n]));
    const [first, second] = run.attempts ?? [];
    const delays = [since(first?.endTime, second?.startTime), since(second?.endTime, run.startTime)];
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(700);
    expect(Math.max(...delays)).toBeLessThan(700 + CLEANUP_INTERVAL_MS);
  });

  it('is dead when its retries are used up, and a retry by hand is a new run', async () => {
    await system.client.jobs.create({ name: 'hopeless', ...flaky, payload: { page: 7 } });
    await using worker = await answering(
      'hopeless',
      { status: 'failed', error: 'first' },
      { status: 'failed', error: 'second' },
      { status: 'failed', error: 'third' },
    );
    const { id } = await system.client.jobs.run('hopeless');
    const dead = await ended(id);
    expect(dead).toMatchObject({
      status: 'dead',
      attempt: 3,
      error: 'third',
      attempts: [{ error: 'first' }, { error: 'second' }],
    });

    const again = await system.client.runs.retry(id);
    expect(again).toMatchObject({ trigger: 'retry', parentRunId: id, payload: { page: 7 } });
    expect(again.id).not.toBe(id);
    await ended(again.id);
    expect(await system.client.runs.get(id), 'an ended run never changes').toEqual(dead);
    expect(worker.receipts.map((receipt) => receipt.runId)).toEqual([id, id, id, again.id, again.id, again.id]);
  });

  it('is dead at once where the worker wants no retry', async () => {
    await system.client.jobs.create({ name: 'pointless', ...flaky });
    await using worker = await answering('pointless', { status: 'failed', error: 'no such account', retry: false });
    const { id } = await system.client.jobs.run('pointless');
    expect(await ended(id)).toMatchObject({ status: 'dead', attempt: 1, error: 'no such account' });
    expect(worker.receipts).toHaveLength(1);
  });

  it('is tried when the worker says, instead of after the job’s delay', async () => {
    await system.client.jobs.create({ name: 'throttled', ...flaky, retryDelay: 60_000 });
    await using worker = await answering(
      'throttled',
      { status: 'failed', error: 'too many requests', retryAfter: 1_500 },
      { status: 'completed' },
    );
    const { id } = await system.client.jobs.run('throttled');
    const waiting = await state(id, (run) => run.nextRetryAt !== undefined);
    expect(since(waiting.attempts?.[0]?.endTime, waiting.nextRetryAt)).toBe(1_500);
    const run = await ended(id);
    expect(run).toMatchObject({ status: 'completed', attempt: 2 });
    expect(since(run.attempts?.[0]?.endTime, run.startTime)).toBeGreaterThanOrEqual(1_500);
    expect(worker.receipts).toHaveLength(2);
  });

  it('keeps the place of its job while it waits, and can be cancelled then', async () => {
    await system.client.jobs.create({ name: 'patient', ...flaky, retryDelay: 60_000, maxQueueCount: 1 });
    await using worker = await answering('patient', { status: 'failed' });
    const { id } = await system.client.jobs.run('patient');
    await state(id, (run) => run.nextRetryAt !== undefined);
    const next = await system.client.jobs.run('patient');
    const none = await system.client.jobs.run('patient');
    expect(next.status).toBe('pending');
    expect(none).toMatchObject({ status: 'skipped', reason: 'overlap' });
    await system.client.runs.cancel(id);
    expect(await ended(id)).toMatchObject({ status: 'cancelled', reason: 'requested' });
    await state(next.id, (run) => run.nextRetryAt !== undefined);
    expect(worker.receipts.map((receipt) => receipt.runId)).toEqual([id, next.id]);
  });
});

it('gives up a run that kills every worker that takes it', async () => {
  await system.client.jobs.create({ name: 'poison', heartbeatTimeout: 600, maxRestarts: 1, ...flaky });
  const { id } = await system.client.jobs.run('poison');
  for (const attempt of [1, 2]) {
    // Takes the run and falls silent.
    const victim = await startPlainWorker({
      url: system.amqpUrl,
      jobs: ['poison'],
      onAction: ({ runId }, worker) => worker.say('poison', 'status', { runId, attempt, status: 'running' }),
    });
    await state(id, (run) => run.attempt === attempt && run.status === 'running');
    await victim.die();
  }
  expect(await ended(id)).toMatchObject({
    status: 'failed',
    reason: 'lost',
    attempt: 2,
    attempts: [
      { attempt: 1, outcome: 'lost' },
      { attempt: 2, outcome: 'lost' },
    ],
  });
});

describe('a run that takes too long', () => {
  it('to be taken is cancelled, and ends when its `cancelTimeout` is over', async () => {
    await system.client.jobs.create({ name: 'unclaimed', runStartTimeout: 500, cancelTimeout: 700 });
    const { id } = await system.client.jobs.run('unclaimed');
    const run = await state(id, ({ status }) => status === 'cancelling');
    expect(run.reason).toBe('start_timeout');
    const done = await ended(id);
    expect(done).toMatchObject({ status: 'cancelled', reason: 'start_timeout' });
    const tookMs = since(done.publishedAt, done.endTime);
    expect(tookMs).toBeGreaterThanOrEqual(500 + 700);
    expect(tookMs).toBeLessThan(500 + 700 + 2 * REPAIR_MS);
  });

  it('to end is asked to stop, and its worker has the last word', async () => {
    await system.client.jobs.create({ name: 'endless', runExecutionTimeout: 600 });
    await using worker = await startPlainWorker({
      url: system.amqpUrl,
      jobs: ['endless'],
      onAction: ({ action, runId, attempt }, self) =>
        self.say('endless', 'status', { runId, attempt, status: action === 'run' ? 'running' : 'cancelled' }),
    });
    const { id } = await system.client.jobs.run('endless');
    const run = await ended(id);
    expect(run).toMatchObject({ status: 'cancelled', reason: 'execution_timeout', attempt: 1 });
    const tookMs = since(run.startTime, run.endTime);
    expect(tookMs).toBeGreaterThanOrEqual(600);
    expect(tookMs).toBeLessThan(600 + REPAIR_MS);
    expect(worker.receipts.map((receipt) => receipt.action)).toEqual(['run', 'cancel']);
  });

  it('and completes while it is being cancelled is completed, with no reason left', async () => {
    await system.client.jobs.create({ name: 'photo-finish', runExecutionTimeout: 400 });
    await using _worker = await startPlainWorker({
      url: system.amqpUrl,
      jobs: ['photo-finish'],
      onAction: ({ action, runId }, self) =>
        self.say('photo-finish', 'status', { runId, status: action === 'run' ? 'running' : 'completed' }),
    });
    const { id } = await system.client.jobs.run('photo-finish');
    const run = await ended(id);
    expect(run.status).toBe('completed');
    expect(run).not.toHaveProperty('reason');
  });

  it('to stop ends as cancelled, and nothing that is said later changes that', async () => {
    await system.client.jobs.create({ name: 'deaf', cancelTimeout: 500 });
    await using worker = await startPlainWorker({
      url: system.amqpUrl,
      jobs: ['deaf'],
      onAction: async ({ action, runId }, self) => {
        if (action === 'run') await self.say('deaf', 'status', { runId, status: 'running' });
      },
    });
    const { id } = await system.client.jobs.run('deaf');
    await state(id, (run) => run.status === 'running');
    await system.client.runs.cancel(id);
    const run = await ended(id);
    expect(run).toMatchObject({ status: 'cancelled', reason: 'requested' });
    await worker.say('deaf', 'status', { runId: id, status: 'completed' });
    // A worker that still holds it hears of it once more.
    await worker.say('deaf', 'status', { runId: id, status: 'running' });
    await waitFor(() => worker.receipts.filter(({ action }) => action === 'cancel').length === 2);
    expect(await system.client.runs.get(id)).toEqual(run);
  });
});

describe('when a job runs', () => {
  it('is between `startAt` and `endAt`, both included, and then never again', async () => {
    const startAt = Date.now() + 1_500;
    const endAt = startAt + 1_000;
    await using worker = await answering('season', { status: 'completed' });
    const created = await system.client.jobs.create({
      name: 'season',
      interval: 500,
      startAt: new Date(startAt).toISOString(),
      endAt: new Date(endAt).toISOString(),
      allowConcurrentRuns: true,
    });
    const ticks = [0, 500, 1_000].map((offset) => new Date(startAt + offset).toISOString());
    expect(created.nextRunAt).toBe(ticks[0]);
    expect(await system.client.jobs.next('season', { count: 10 })).toEqual(ticks);
    await waitFor(async () => (await system.client.jobs.get('season')).nextRunAt === undefined);
    expect(await system.client.jobs.next('season', { count: 10 })).toEqual([]);
    const runs = await allRuns(system.client, 'season');
    expect(runs.map((run) => run.scheduledAt).toReversed()).toEqual(ticks);
    await waitFor(() => worker.receipts.length === 3);
  });

  it('is up to `jitter` after each tick, the ticks themselves staying on their grid', async () => {
    const [interval, jitter] = [500, 400];
    await using _worker = await answering('scattered', { status: 'completed' });
    const job = await system.client.jobs.create({ name: 'scattered', interval, jitter, allowConcurrentRuns: true });
    const next = await system.client.jobs.next('scattered', { count: 8 });
    expect(next[0]).toBe(job.nextRunAt);
    await waitFor(async () => (await allRuns(system.client, 'scattered')).length >= 8);
    await system.client.jobs.pause('scattered');
    const runs = (await allRuns(system.client, 'scattered')).toReversed();
    expect(runs.slice(0, 8).map((run) => run.scheduledAt)).toEqual(next);
    const delays = runs.map((run) => since(run.scheduledAt, run.createdTime));
    for (const delay of delays) expect(delay).toBeGreaterThanOrEqual(0);
    expect(Math.min(...delays)).toBeLessThan(jitter);
    expect(new Set(delays.map((delay) => Math.floor(delay / 50))).size, `delays ${delays.join()}`).toBeGreaterThan(2);
  });
});
