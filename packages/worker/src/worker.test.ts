import { topologyFor } from '@simple-scheduler/contracts';
import { onTestFinished, describe, expect, test, vi } from 'vitest';
import { action, cancelOf, type MemorySide, memorySide, quiet, runId } from '../test/scheduler-side.ts';
import { createWorker } from './create-worker.ts';
import type { JobHandler, RunContext } from './handler.ts';
import { RunAbortedError } from './handler.ts';
import type { WorkerOptions } from './options.ts';
import { NoRetryError, RetryLaterError } from './retry-wishes.ts';
import type { Worker } from './worker.ts';

async function startWorker(side: MemorySide, options: Partial<WorkerOptions>): Promise<Worker> {
  const worker = createWorker({
    transport: side.broker.worker(),
    workerId: 'w1',
    logger: quiet,
    stopTimeoutMs: 0,
    ...options,
  });
  onTestFinished(() => worker.stop());
  await worker.start();
  return worker;
}

/** A handler that goes on until told, and what it was called with. */
function openHandler() {
  const calls: {
    run: Parameters<JobHandler>[0];
    context: RunContext;
    finish: (output?: unknown) => void;
    fail: (error: unknown) => void;
  }[] = [];
  const handler: JobHandler = (run, context) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    calls.push({ run, context, finish: resolve, fail: reject });
    return promise;
  };
  return { handler, calls };
}

/** Heeds its signal, as most do. */
const untilAborted: JobHandler = (_run, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

const eventually = vi.waitFor;

/** Actions in the queues of these jobs that no worker holds. */
function readyIn(side: MemorySide, ...names: readonly string[]): number {
  const queues = (names.length === 0 ? ['a-job'] : names).map((name) => topologyFor({ name }).actionQueue);
  return queues.reduce((sum, queue) => sum + side.broker.exchanges.declareQueue(queue).readyCount, 0);
}

describe('a run', () => {
  test('is announced, done and completed with its output, attempt and worker', async () => {
    const side = await memorySide();
    const handler = vi.fn<JobHandler>(async () => ({ sent: 3 }));
    await startWorker(side, { jobs: { 'a-job': handler } });
    await side.send(
      action(1, {
        attempt: 2,
        scheduledAt: '2026-03-01T08:00:00.000Z',
        payload: { to: 'team' },
        executionTimeout: 5_000,
      }),
    );
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed']));
    expect(side.heard.lastOf(1)).toMatchObject({
      jobName: 'a-job',
      attempt: 2,
      workerId: 'w1',
      output: { sent: 3 },
    });
    expect(handler.mock.calls[0]?.[0]).toEqual({
      jobName: 'a-job',
      runId: runId(1),
      attempt: 2,
      scheduledAt: new Date('2026-03-01T08:00:00.000Z'),
      payload: { to: 'team' },
      executionTimeoutMs: 5_000,
    });
  });

  test('without an attempt is answered without one', async () => {
    const side = await memorySide();
    await startWorker(side, { jobs: { 'a-job': () => undefined } });
    side.sendBytes(JSON.stringify({ jobName: 'a-job', runId: runId(1), action: 'run' }));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed']));
    for (const status of side.heard.statuses) expect(status).not.toHaveProperty('attempt');
    expect(side.heard.lastOf(1)).not.toHaveProperty('output');
  });

  test.each([
    [
      'an error',
      new TypeError('no such team', { cause: 'typo' }),
      /^TypeError: no such team\n\s+at .*\ncaused by: typo$/s,
    ],
    ['text', 'out of paper', /^out of paper$/],
    ['anything', { code: 7 }, /code: 7/],
    ['nothing', undefined, /^undefined$/],
  ])('fails with what its handler throws: %s', async (_what, thrown, expected) => {
    const side = await memorySide();
    await startWorker(side, { jobs: { 'a-job': () => Promise.reject(thrown) } });
    await side.send(action(1));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'failed']));
    expect(side.heard.lastOf(1)?.error).toMatch(expected);
  });

  test('fails with what its handler says about another attempt', async () => {
    const side = await memorySide();
    const ended = vi.fn();
    const thrown = [
      new NoRetryError('no such customer'),
      new RetryLaterError('busy', { afterMs: 30_000 }),
      new Error('plain'),
    ];
    const handler = vi.fn<JobHandler>((run) => Promise.reject(thrown[Number.parseInt(run.runId, 16) - 1]));
    const worker = await startWorker(side, { jobs: { 'a-job': handler } });
    worker.on('runEnded', ended);
    await side.send(action(1), action(2), action(3));
    await eventually(() => expect(side.heard.with('failed').length).toBe(3));
    expect(side.heard.lastOf(1)).toMatchObject({
      error: expect.stringMatching(/^NoRetryError: no such/),
      retry: false,
    });
    expect(side.heard.lastOf(2)).toMatchObject({ error: expect.stringContaining('busy'), retryAfter: 30_000 });
    for (const field of ['retry', 'retryAfter']) expect(side.heard.lastOf(3)).not.toHaveProperty(field);
    expect(ended.mock.calls.map(([{ retry, retryAfter }]) => [retry, retryAfter])).toEqual(
      expect.arrayContaining([
        [false, undefined],
        [undefined, 30_000],
        [undefined, undefined],
      ]),
    );
  });

  test('whose output is no JSON fails and says why', async () => {
    const side = await memorySide();
    await startWorker(side, { jobs: { 'a-job': () => 10n } });
    await side.send(action(1));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'failed']));
    expect(side.heard.lastOf(1)?.error).toContain('the output cannot be sent as JSON');
  });

  test('shows life by itself, and what its handler reports', async () => {
    const side = await memorySide();
    const { handler, calls } = openHandler();
    await startWorker(side, { jobs: { 'a-job': handler } });
    await side.send(action(1, { heartbeatTimeout: 30 }));
    await eventually(() => expect(side.heard.heartbeats.length).toBeGreaterThanOrEqual(2));
    expect(side.heard.heartbeats[0]).toEqual({ jobName: 'a-job', runId: runId(1), attempt: 1 });
    calls[0]?.context.progress(0.25, 'quarter');
    calls[0]?.context.progress(7);
    calls[0]?.context.progress(Number.NaN, 'nearly done');
    await eventually(() =>
      expect(side.heard.heartbeats).toContainEqual(expect.objectContaining({ progress: 1, message: 'nearly done' })),
    );
    calls[0]?.finish();
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed']));
    const count = side.heard.heartbeats.length;
    calls[0]?.context.heartbeat('too late');
    await side.send(action(2)); // without a heartbeat timeout: none at all
    await eventually(() => expect(calls.length).toBe(2));
    calls[1]?.finish();
    await eventually(() => expect(side.heard.of(2)).toEqual(['running', 'completed']));
    expect(side.heard.heartbeats.length).toBe(count);
  });
});

test('a heartbeat timeout longer than any timer asks for no heartbeats all the time', async () => {
  const side = await memorySide();
  const { handler, calls } = openHandler();
  await startWorker(side, { jobs: { 'a-job': handler } });
  await side.send(action(1, { heartbeatTimeout: 10 * 365 * 24 * 3_600_000 }), action(2, { heartbeatTimeout: 1_200 }));
  await eventually(() => expect(side.heard.heartbeats.filter((beat) => beat['runId'] === runId(2)).length).toBe(2));
  for (const call of calls) call.finish();
  expect(side.heard.heartbeats.filter((beat) => beat['runId'] === runId(1))).toEqual([]);
});

describe('a cancel', () => {
  test('aborts the run at once, which ends as cancelled', async () => {
    const side = await memorySide();
    const reasons: unknown[] = [];
    await startWorker(side, {
      jobs: {
        'a-job': async (run, context) => {
          context.signal.addEventListener('abort', () => reasons.push(context.signal.reason));
          return untilAborted(run, context);
        },
      },
    });
    await side.send(action(1));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running']));
    await side.send(cancelOf(1));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'cancelled']));
    expect(reasons).toEqual([expect.objectContaining({ name: 'AbortError', reason: 'cancelled' })]);
    expect(reasons[0]).toBeInstanceOf(RunAbortedError);
  });

  test.each([
    ['returns nothing', undefined, 'cancelled'],
    ['returns an output all the same', { done: true }, 'completed'],
  ])('of a run whose handler %s', async (_what, output, expected) => {
    const side = await memorySide();
    const { handler, calls } = openHandler();
    await startWorker(side, { jobs: { 'a-job': handler } });
    await side.send(action(1));
    await eventually(() => expect(calls.length).toBe(1));
    await side.send(cancelOf(1));
    await eventually(() => expect(calls[0]?.context.signal.aborted).toBe(true));
    calls[0]?.finish(output);
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', expected]));
  });

  test('heard before the run keeps it from starting', async () => {
    const side = await memorySide();
    const handler = vi.fn<JobHandler>(() => undefined);
    await startWorker(side, { jobs: { 'a-job': handler } });
    await side.send(cancelOf(1), cancelOf(2), action(3));
    await eventually(() => expect(side.heard.of(3)).toEqual(['running', 'completed']));
    await side.send(action(1), action(2, { attempt: 2 }));
    await eventually(() => expect([side.heard.of(1), side.heard.of(2)]).toEqual([['cancelled'], ['cancelled']]));
    expect(side.heard.lastOf(2)).toMatchObject({ attempt: 2, workerId: 'w1' });
    expect(handler).toHaveBeenCalledTimes(1);
  });

  test('of a run that waits for room is answered without starting it', async () => {
    const side = await memorySide();
    const { handler, calls } = openHandler();
    await startWorker(side, { jobs: { 'a-job': handler }, concurrency: 1 });
    await side.send(action(1), action(2));
    await eventually(() => expect(calls.length).toBe(1));
    await side.send(cancelOf(2));
    await eventually(() => expect(side.heard.of(2)).toEqual(['cancelled']));
    calls[0]?.finish();
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed']));
    expect(calls.length).toBe(1);
  });

  test('that was published before the worker started is found in the action queue', async () => {
    const side = await memorySide();
    await side.send(action(1), cancelOf(1));
    await startWorker(side, { jobs: { 'a-job': untilAborted } });
    await eventually(() => expect(side.heard.lastOf(1)?.status).toBe('cancelled'));
  });

  test('taken from the queue by a worker without the run is not kept from the one that has it', async () => {
    const side = await memorySide();
    const holder = await startWorker(side, { jobs: { 'a-job': untilAborted } });
    await side.send(action(1));
    await eventually(() => expect(holder.activeRuns).toBe(1));
    await startWorker(side, { jobs: { 'a-job': untilAborted }, workerId: 'w2' });
    await side.send(cancelOf(1), cancelOf(1), cancelOf(1)); // the broker hands them out in turn
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'cancelled']));
    expect(side.heard.lastOf(1)?.workerId).toBe('w1');
    await eventually(() => expect(readyIn(side)).toBe(0));
  });

  test('that was missed while the broker was away comes after the worker said that the run goes on', async () => {
    const side = await memorySide();
    await startWorker(side, { jobs: { 'a-job': untilAborted } });
    await side.send(action(1));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running']));
    side.broker.interrupt();
    side.broker.resume();
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'running']));
  });
});

describe('an action that comes again', () => {
  test('while its run goes on starts nothing and is answered with `running`', async () => {
    const side = await memorySide();
    const { handler, calls } = openHandler();
    await startWorker(side, { jobs: { 'a-job': handler } });
    await side.send(action(1), action(1));
    await eventually(() => expect(calls.length).toBe(1));
    await side.send(action(1));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'running']));
    calls[0]?.finish('once');
    await eventually(() => expect(side.heard.lastOf(1)?.output).toBe('once'));
    expect(calls.length).toBe(1);
  });

  test('after its run has ended is answered with how it ended', async () => {
    const side = await memorySide();
    const handler = vi.fn<JobHandler>(() => 'done');
    await startWorker(side, { jobs: { 'a-job': handler } });
    await side.send(action(1));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed']));
    await side.send(action(1));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed', 'completed']));
    expect(side.heard.lastOf(1)?.output).toBe('done');
    expect(handler).toHaveBeenCalledTimes(1);
  });

  test('with a newer attempt aborts the older one, which says nothing more, and starts after it', async () => {
    const side = await memorySide();
    const { handler, calls } = openHandler();
    await startWorker(side, { jobs: { 'a-job': handler } });
    await side.send(action(1));
    await eventually(() => expect(calls.length).toBe(1));
    await side.send(action(1, { attempt: 2 }));
    await eventually(() => expect(calls[0]?.context.signal.reason).toMatchObject({ reason: 'superseded' }));
    expect(calls.length).toBe(1);
    calls[0]?.finish('the old one');
    await eventually(() => expect(calls.length).toBe(2));
    expect(calls[1]?.run.attempt).toBe(2);
    await side.send(action(1)); // the old one, redelivered late
    calls[1]?.finish('the new one');
    await eventually(() => expect(side.heard.lastOf(1)).toMatchObject({ status: 'completed', output: 'the new one' }));
    expect(side.heard.statuses.map(({ status, attempt }) => `${status} ${attempt}`)).toEqual([
      'running 1',
      'running 2',
      'completed 2',
    ]);
    await side.send(action(1)); // later still
    await side.send(action(2));
    await eventually(() => expect(calls.length).toBe(3));
    expect(side.heard.of(1).length).toBe(3);
  });
});

test('an attempt that was given up and goes on all the same says nothing more', async () => {
  const side = await memorySide();
  const { handler, calls } = openHandler();
  await startWorker(side, { jobs: { 'a-job': handler }, heartbeatIntervalMs: 100 });
  await side.send(action(1));
  await eventually(() => expect(side.heard.heartbeats.length).toBe(1));
  await side.send(action(1, { attempt: 2 }), action(2));
  await eventually(() => expect(calls[0]?.context.signal.aborted).toBe(true));
  const before = side.heard.heartbeats.filter((beat) => beat['runId'] === runId(1)).length;
  side.broker.interrupt();
  side.broker.resume();
  await eventually(() => expect(side.heard.of(2)).toEqual(['running', 'running']));
  await eventually(() => expect(side.heard.heartbeats.length).toBeGreaterThan(before + 2));
  expect(side.heard.heartbeats.filter((beat) => beat['runId'] === runId(1)).length).toBeLessThanOrEqual(before + 1);
  expect(side.heard.of(1)).toEqual(['running']);
  for (const call of calls) call.finish();
});

test('runs with large outputs are remembered as ended, and not by all that they gave', async () => {
  const side = await memorySide();
  const output = 'x'.repeat(60_000);
  const handler = vi.fn<JobHandler>(() => output);
  await startWorker(side, { jobs: { 'a-job': handler } });
  const count = 600; // twice as much as is kept
  await side.send(...Array.from({ length: count }, (_, i) => action(i)));
  await eventually(() => expect(side.heard.with('completed').length).toBe(count), { timeout: 20_000 });
  await side.send(action(0), action(count - 1));
  await eventually(() => expect(side.heard.of(count - 1)).toEqual(['running', 'completed', 'completed']));
  expect(side.heard.of(0)).toEqual(['running', 'completed']);
  expect(handler).toHaveBeenCalledTimes(count);
  expect(readyIn(side)).toBe(0);
});

describe('the limit of runs', () => {
  test('holds over all jobs, which take turns', async () => {
    const names = ['a-job', 'b-job', 'c-job'];
    const side = await memorySide(names);
    const { handler, calls } = openHandler();
    await side.send(...[1, 2, 3, 4].map((n) => action(n, { jobName: 'a-job' })));
    await side.send(action(5, { jobName: 'b-job' }), action(6, { jobName: 'c-job' }));
    const worker = await startWorker(side, {
      jobs: Object.fromEntries(names.map((name) => [name, handler])),
      concurrency: 2,
    });
    let most = 0;
    for (let done = 0; done < 6; done++) {
      await eventually(() => expect(calls.length).toBe(Math.min(6, done + 2)));
      most = Math.max(most, worker.activeRuns);
      calls[done]?.finish();
    }
    await eventually(() => expect(side.heard.with('completed').length).toBe(6));
    expect(most).toBe(2);
    // Four of one job came first; the two others did not wait for all of them.
    expect(new Set(calls.slice(0, 4).map(({ run }) => run.jobName))).toEqual(new Set(names));
  });

  test('leaves to others what a full worker was handed, and takes again when it has room', async () => {
    const side = await memorySide();
    const busy = openHandler();
    await startWorker(side, { jobs: { 'a-job': busy.handler }, concurrency: 1 });
    await side.send(action(1), action(2));
    await eventually(() => expect(busy.calls.length).toBe(1));
    const idle = openHandler();
    const other = await startWorker(side, { jobs: { 'a-job': idle.handler }, concurrency: 1, workerId: 'w2' });
    await eventually(() => expect(idle.calls.map(({ run }) => run.runId)).toEqual([runId(2)]));
    idle.calls[0]?.finish();
    await eventually(() => expect(side.heard.of(2)).toEqual(['running', 'completed']));
    await other.stop();
    await side.send(action(3));
    busy.calls[0]?.finish();
    await eventually(() => expect(busy.calls.map(({ run }) => run.runId)).toEqual([runId(1), runId(3)]));
    busy.calls[1]?.finish();
    await eventually(() => expect(side.heard.of(3)).toEqual(['running', 'completed']));
  });

  test('with more queues than room, every queue has its turn', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `job-${i}`);
    const side = await memorySide(names);
    const { handler, calls } = openHandler();
    await startWorker(side, { jobs: Object.fromEntries(names.map((name) => [name, handler])), concurrency: 1 });
    for (const [i, jobName] of names.entries()) await side.send(action(i, { jobName }), action(100 + i, { jobName }));
    for (let done = 0; done < 24; done++) {
      await eventually(() => expect(calls.length).toBeGreaterThan(done), { timeout: 3_000 });
      // Long enough to step back from all queues.
      if (done === 0) await eventually(() => expect(readyIn(side, ...names)).toBe(23));
      calls[done]?.finish();
    }
    await eventually(() => expect(side.heard.with('completed').length).toBe(24));
    expect(calls.length).toBe(24);
  });
});

describe('a work queue', () => {
  test('serves its jobs by name, others by *, and fails what it has no handler for', async () => {
    const side = await memorySide();
    const named = await startWorker(side, {
      queues: { shared: { jobs: { one: () => 'by name', '*': ({ jobName }) => `any: ${jobName}` } } },
    });
    await side.sendTo('shared', action(1, { jobName: 'one' }), action(2, { jobName: 'two' }));
    await eventually(() => expect(side.heard.with('completed').length).toBe(2));
    expect([side.heard.lastOf(1)?.output, side.heard.lastOf(2)?.output]).toEqual(['by name', 'any: two']);
    await named.stop();
    await startWorker(side, { queues: { shared: { jobs: { one: () => 'by name' } } } });
    await side.sendTo('shared', action(3, { jobName: 'two' }), action(4, { jobName: 'one' }));
    await eventually(() => expect(side.heard.of(4)).toEqual(['running', 'completed']));
    expect(side.heard.of(3)).toEqual(['failed']);
    expect(side.heard.lastOf(3)?.error).toContain('no handler for the job "two"');
  });
});

describe('an invalid action', () => {
  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['a bad run id', '{"jobName":"a-job","runId":"7","action":"run"}'],
    ['an unknown action', `{"jobName":"a-job","runId":"${runId(7)}","action":"dance"}`],
  ])('is dropped and disturbs nothing: %s', async (_what, text) => {
    const side = await memorySide();
    const error = vi.fn<(fields: object, message: string) => void>();
    await startWorker(side, { jobs: { 'a-job': () => undefined }, logger: { ...quiet, error } });
    side.sendBytes(text);
    side.sendBytes(text, 'cancel');
    await side.send(action(1));
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed']));
    expect(side.heard.statuses.length).toBe(2);
    expect(error).toHaveBeenCalledWith(expect.objectContaining({ problem: expect.any(String) }), expect.any(String));
    expect(readyIn(side)).toBe(0);
  });
});

describe('a broker that goes away', () => {
  test('while a run goes on loses no status and doubles none', async () => {
    const side = await memorySide();
    const { handler, calls } = openHandler();
    const transport = side.broker.worker();
    const publish = vi.spyOn(transport, 'publish');
    await startWorker(side, { transport, jobs: { 'a-job': handler } });
    await side.send(action(1));
    await eventually(() => expect(calls.length).toBe(1));
    side.broker.interrupt();
    calls[0]?.finish('kept');
    await eventually(() => expect(publish.mock.calls.length).toBeGreaterThan(3), { timeout: 5_000 }); // refused twice
    expect(side.heard.of(1)).toEqual(['running']);
    side.broker.resume();
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed']), { timeout: 5_000 });
    await side.send(action(2));
    await eventually(() => expect(calls.length).toBe(2));
    expect(side.heard.of(1)).toEqual(['running', 'completed']);
  });

  test('while statuses cannot be confirmed stops the taking of runs past the limit', async () => {
    const side = await memorySide();
    const handler = vi.fn<JobHandler>(() => undefined);
    const transport = side.broker.worker();
    const publish = transport.publish.bind(transport);
    const gate = Promise.withResolvers<void>();
    // Confirms nothing but `running` until the gate opens.
    transport.publish = async (kind, topology, body) => {
      if (!Buffer.from(body).includes('"running"')) await gate.promise;
      await publish(kind, topology, body);
    };
    await startWorker(side, { transport, jobs: { 'a-job': handler }, maxUnconfirmed: 3, concurrency: 2 });
    await side.send(...[1, 2, 3, 4, 5, 6].map((n) => action(n)));
    await eventually(() => expect(handler).toHaveBeenCalledTimes(3));
    await eventually(() => expect(readyIn(side)).toBe(3)); // given back
    expect(handler).toHaveBeenCalledTimes(3);
    gate.resolve();
    await eventually(() => expect(side.heard.with('completed').length).toBe(6));
    expect(handler).toHaveBeenCalledTimes(6);
  });

  test('before `running` is confirmed gives the run to another worker and does not start it here', async () => {
    const side = await memorySide();
    const late = vi.fn<JobHandler>(() => undefined);
    const transport = side.broker.worker();
    const gate = Promise.withResolvers<void>();
    transport.publish = () => gate.promise;
    const isPaused = Promise.withResolvers<void>();
    const consume = transport.consumeActions.bind(transport);
    transport.consumeActions = async (topology, options) => {
      const consumption = await consume(topology, options);
      const pause = (): void => {
        consumption.pause();
        isPaused.resolve();
      };
      return { ...consumption, pause };
    };
    const first = await startWorker(side, { transport, jobs: { 'a-job': late }, concurrency: 1 });
    await side.send(action(1));
    await eventually(() => expect(first.activeRuns).toBe(1));
    await isPaused.promise; // full for long: whatever comes now is for the second worker
    await startWorker(side, { workerId: 'w2', jobs: { 'a-job': () => 'w2' } });
    side.broker.interrupt();
    side.broker.resume();
    await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed']));
    gate.resolve();
    await eventually(() => expect(first.activeRuns).toBe(0));
    expect(late).not.toHaveBeenCalled();
    expect(side.heard.lastOf(1)?.workerId).toBe('w2');
  });
});

describe('a worker that dies', () => {
  test('in a run leaves it to the watchdog: its action was acknowledged when it started', async () => {
    const side = await memorySide();
    const { handler, calls } = openHandler();
    const transport = side.broker.worker();
    await startWorker(side, { transport, jobs: { 'a-job': handler } });
    await side.send(action(1));
    await eventually(() => expect(calls.length).toBe(1));
    await transport.close();
    expect(readyIn(side)).toBe(0);
  });

  test('before `running` is confirmed leaves the action to others', async () => {
    const side = await memorySide();
    const { handler, calls } = openHandler();
    const transport = side.broker.worker();
    transport.publish = () => new Promise(() => {});
    const worker = await startWorker(side, { transport, jobs: { 'a-job': handler } });
    await side.send(action(1));
    await eventually(() => expect(worker.activeRuns).toBe(1));
    await transport.close();
    expect(readyIn(side)).toBe(1);
    expect(calls).toEqual([]);
  });
});

describe('stop', () => {
  test('waits for what goes on, gives back what waits, and takes nothing new', async () => {
    const side = await memorySide();
    const { handler, calls } = openHandler();
    const worker = await startWorker(side, { jobs: { 'a-job': handler }, concurrency: 1 });
    await side.send(action(1), action(2));
    await eventually(() => expect(calls.length).toBe(1));
    const stopping = worker.stop({ timeoutMs: 5_000 });
    expect(worker.state).toBe('stopping');
    await side.send(action(3));
    calls[0]?.finish('in time');
    await stopping;
    expect(worker.state).toBe('stopped');
    await eventually(() => expect(side.heard.lastOf(1)).toMatchObject({ status: 'completed', output: 'in time' }));
    expect(calls.length).toBe(1);
    expect(readyIn(side)).toBe(2);
  });

  test('gives back the run whose `running` is not confirmed yet, rather than to start it', async () => {
    const side = await memorySide();
    const transport = side.broker.worker();
    const publish = transport.publish.bind(transport);
    const gate = Promise.withResolvers<void>();
    transport.publish = async (...args) => {
      await gate.promise;
      await publish(...args);
    };
    const handler = vi.fn<JobHandler>(() => undefined);
    const worker = await startWorker(side, { transport, jobs: { 'a-job': handler } });
    await side.send(action(1));
    await eventually(() => expect(worker.activeRuns).toBe(1));
    const stopping = worker.stop({ timeoutMs: 5_000 });
    gate.resolve();
    await stopping;
    expect(handler).not.toHaveBeenCalled();
    expect(readyIn(side)).toBe(1);
  });

  test('aborts what takes too long, whose runs fail', async () => {
    const side = await memorySide();
    const reasons: unknown[] = [];
    const stubborn = openHandler();
    const worker = await startWorker(side, {
      queues: {
        shared: {
          jobs: {
            heeds: async (run, context) => {
              context.signal.addEventListener('abort', () => reasons.push(context.signal.reason));
              return untilAborted(run, context);
            },
            'heeds-not': stubborn.handler,
          },
        },
      },
    });
    await side.sendTo('shared', action(1, { jobName: 'heeds' }), action(2, { jobName: 'heeds-not' }));
    await eventually(() => expect(side.heard.with('running').length).toBe(2));
    await worker.stop({ timeoutMs: 10 });
    await eventually(() => expect(side.heard.with('failed').length).toBe(2));
    for (const { error } of side.heard.with('failed')) expect(error).toBe('worker stopped');
    expect(reasons).toEqual([expect.objectContaining({ reason: 'shutdown' })]);
    stubborn.calls[0]?.finish('much too late');
    expect(side.heard.with('completed')).toEqual([]);
  });

  test('is safe twice, before and during start; a worker starts once', async () => {
    const side = await memorySide();
    const options = { logger: quiet, jobs: { 'a-job': () => undefined } };
    const never = createWorker({ ...options, transport: side.broker.worker() });
    await never.stop();
    await never.stop();
    await expect(never.start()).rejects.toThrow('this one is stopped');
    side.broker.interrupt();
    const early = createWorker({ ...options, transport: side.broker.worker() });
    const starting = early.start();
    await early.stop();
    await starting;
    expect(early.state).toBe('stopped');
  });
});

test('events tell what happens, and a listener that throws does no harm', async () => {
  const side = await memorySide();
  const events: string[] = [];
  const worker = createWorker({ transport: side.broker.worker(), logger: quiet, jobs: { 'a-job': () => 5 } });
  worker.on('stateChanged', (state) => events.push(state));
  worker.on('runStarted', () => {
    throw new Error('a listener broke');
  });
  worker.on('runStarted', async () => {
    throw new Error('a listener broke later'); // as a rejection that nobody handles it would end the process
  });
  worker.on('runStarted', (run) => events.push(`started ${run.attempt}`));
  worker.on('runEnded', ({ status, output }) => events.push(`${status} ${output}`));
  const silenced = worker.on('runEnded', () => events.push('never'));
  silenced();
  await worker.start();
  await side.send(action(1));
  await eventually(() => expect(side.heard.of(1)).toEqual(['running', 'completed']));
  await worker.stop();
  expect(events).toEqual(['starting', 'running', 'started 1', 'completed 5', 'stopping', 'stopped']);
});
