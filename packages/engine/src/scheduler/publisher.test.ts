import type { RunRecord } from '@simple-scheduler/core';
import { expect, test } from 'vitest';
import type { MessageBus, Store } from '../ports/index.ts';
import type { Context } from './context.ts';
import { Publisher } from './publisher.ts';

function owing(id: string): RunRecord {
  return {
    id,
    jobName: 'job',
    jobUid: 'uid',
    rev: 0,
    status: 'pending',
    trigger: 'schedule',
    scheduledAt: 1,
    createdAt: 1,
    attempt: 1,
    owes: 'run',
    startTimeoutMs: 0,
    executionTimeoutMs: 0,
    cancelTimeoutMs: 0,
    heartbeatTimeoutMs: 0,
  };
}

/** A bus that confirms when told to, and a store whose marking ends when told to. */
function setUp() {
  const confirms: (() => void)[] = [];
  const markings: { ids: string[]; end(): void; fail(): void }[] = [];
  const warnings: unknown[] = [];
  const bus: Pick<MessageBus, 'state' | 'publishActions'> = {
    state: () => 'connected',
    publishActions: (messages) =>
      new Promise((resolve) => confirms.push(() => resolve(messages.map(() => 'confirmed' as const)))),
  };
  const store: Pick<Store, 'markPublished'> = {
    markPublished: (published) =>
      new Promise((resolve, reject) => {
        const fail = (): void => reject(new Error('away'));
        markings.push({ ids: published.map(({ id }) => id), end: resolve, fail });
      }),
  };
  const publisher = new Publisher({
    bus,
    store,
    clock: { now: () => 5 },
    meter: { count: () => {}, gauge: () => {}, observe: () => {} },
    log: { debug: () => {}, info: () => {}, error: () => {}, warn: (fields: unknown) => warnings.push(fields) },
  } as unknown as Context);
  return { publisher, confirms, markings, warnings };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('marks what the bus confirmed, at once where nothing else is being marked', async () => {
  const { publisher, confirms, markings } = setUp();
  await publisher.submit([owing('a'), owing('b')]);
  confirms[0]?.();
  await settled();
  expect(markings.map(({ ids }) => ids)).toEqual([['a', 'b']]);
});

test('what is confirmed during a marking goes together in the next one', async () => {
  const { publisher, confirms, markings } = setUp();
  for (const id of ['a', 'b', 'c']) await publisher.submit([owing(id)]);
  for (const confirm of confirms) {
    confirm();
    await settled();
  }
  expect(markings.map(({ ids }) => ids)).toEqual([['a']]);
  markings[0]?.end();
  await settled();
  expect(markings.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c']]);
  markings[1]?.end();
  await publisher.drain();
});

test('does not mark a run whose worker was quicker', async () => {
  const { publisher, confirms, markings } = setUp();
  await publisher.submit([owing('a'), owing('b')]);
  const { owes: _, ...heard } = owing('a');
  publisher.heard([{ ...heard, status: 'running' }]);
  confirms[0]?.();
  await settled();
  expect(markings.map(({ ids }) => ids)).toEqual([['b']]);
});

test('marks a run that still owes its action after what was heard of it', async () => {
  const { publisher, confirms, markings } = setUp();
  await publisher.submit([owing('a')]);
  publisher.heard([{ ...owing('a'), status: 'running', attempt: 2 }]);
  confirms[0]?.();
  await settled();
  expect(markings.map(({ ids }) => ids)).toEqual([['a']]);
});

test('a marking that fails leaves its runs owed, and the next one goes on', async () => {
  const { publisher, confirms, markings, warnings } = setUp();
  await publisher.submit([owing('a')]);
  confirms[0]?.();
  await settled();
  await publisher.submit([owing('b')]);
  confirms[1]?.();
  markings[0]?.fail();
  await settled();
  expect(warnings).toHaveLength(1);
  expect(markings.map(({ ids }) => ids)).toEqual([['a'], ['b']]);
  markings[1]?.end();
  await publisher.drain();
});
