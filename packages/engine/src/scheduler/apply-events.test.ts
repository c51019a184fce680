import type { RunRecord } from '@simple-scheduler/core';
import { expect, test } from 'vitest';
import { owing } from '../../test/owing.ts';
import { type IncomingMessage, StoreUnavailableError, type RunUpdate, UnstorableError } from '../ports/index.ts';
import { applyStatuses, type PublisherSide } from './apply-events.ts';
import type { Context } from './context.ts';

const idOf = (n: number): string => n.toString(16).padStart(24, '0');

/** A store with these published runs, which refuses batches with one of those ids as told. */
function storeOf(count: number, refusing: { ids: readonly string[]; by: () => Error }) {
  const runs = new Map(
    Array.from({ length: count }, (_, i): [string, RunRecord] => {
      const { owes: _owed, ...published } = { ...owing(idOf(i)), publishedAt: 2 };
      return [published.id, published];
    }),
  );
  const written = new Set<string>();
  const errors: string[] = [];
  const context = {
    clock: { now: () => 5_000 },
    meter: { count: () => {} },
    log: { debug: () => {}, error: ({ runId }: { runId: string }) => void errors.push(runId) },
    bus: { state: () => 'connected' },
    store: {
      getRuns: async (ids: readonly string[]) => ids.flatMap((id) => runs.get(id) ?? []),
      oldestWaiting: async () => [],
      updateRuns: async (updates: readonly RunUpdate[]) => {
        if (updates.some(({ id }) => refusing.ids.includes(id))) throw refusing.by();
        for (const { id } of updates) written.add(id);
        return updates.map(() => 'updated');
      },
    },
  } as unknown as Context;
  return { context, written, errors };
}

const publisher: PublisherSide = {
  published: (run) => run,
  written: () => {},
  submit: async () => {},
  cancelAgain: async () => {},
};

const completed = (id: string, more: object = {}): IncomingMessage => ({
  body: new TextEncoder().encode(JSON.stringify({ jobName: 'job', runId: id, status: 'completed', ...more })),
  exchange: 'scheduler.job.job.status',
  redelivered: false,
});

test('a run that cannot be written keeps no other from its end, and its messages are dead letters', async () => {
  const refusing = { ids: [idOf(3), idOf(7)], by: () => new UnstorableError('too large') };
  const { context, written, errors } = storeOf(300, refusing);
  const messages = Array.from({ length: 300 }, (_, i) => completed(idOf(i)));
  const settlements = await applyStatuses(context, messages, publisher);
  const dead = settlements.flatMap((settlement, i) => (settlement.kind === 'dead' ? [[i, settlement.reason]] : []));
  const reason = 'cannot be applied to its run: too large';
  expect(dead).toEqual([
    [3, reason],
    [7, reason],
  ]);
  expect(errors).toEqual(refusing.ids);
  expect(written.size).toBe(298);
});

test('what the code itself fails on is a dead letter where others go through, and else tried again', async () => {
  const refusing = { ids: [idOf(1)], by: () => new TypeError('not a function') };
  const { context } = storeOf(2, refusing);
  const settlements = await applyStatuses(context, [completed(idOf(0)), completed(idOf(1))], publisher);
  expect(settlements.map(({ kind }) => kind)).toEqual(['ack', 'dead']);
  await expect(applyStatuses(context, [completed(idOf(1))], publisher)).rejects.toThrow('not a function');
});

test.each([new StoreUnavailableError('away'), new Error('not authorized')])(
  'all wait for a store that takes nothing: %s',
  async (error) => {
    const { context } = storeOf(4, { ids: [idOf(1)], by: () => error });
    await expect(
      applyStatuses(
        context,
        [0, 1, 2].map((i) => completed(idOf(i))),
        publisher,
      ),
    ).rejects.toBe(error);
  },
);

test.each([
  ['output', (nested: string) => `"output":${nested}`],
  ['error', (nested: string) => `"error":${nested}`],
  ['anything', (nested: string) => `"anything":${nested}`],
])('%s that is nested too deep is a dead letter, and nothing else is', async (_field, fieldOf) => {
  const { context, written } = storeOf(2, { ids: [], by: () => new Error() });
  const deep = (levels: number): IncomingMessage => {
    const nested = fieldOf('['.repeat(levels) + ']'.repeat(levels));
    const text = `{"jobName":"job","runId":"${idOf(0)}","status":"completed",${nested}}`;
    return { ...completed(idOf(0)), body: new TextEncoder().encode(text) };
  };
  const settlements = await applyStatuses(
    context,
    [deep(100_000), deep(5_000), completed(idOf(1)), deep(999)],
    publisher,
  );
  expect(settlements.map(({ kind }) => kind)).toEqual(['dead', 'dead', 'ack', 'ack']);
  expect(settlements[0]).toEqual({ kind: 'dead', reason: 'nested deeper than 1000 levels' });
  expect(written).toEqual(new Set([idOf(0), idOf(1)]));
});

test('an output of megabytes is cut, not refused', async () => {
  const { context, written } = storeOf(1, { ids: [], by: () => new Error() });
  const settlements = await applyStatuses(context, [completed(idOf(0), { output: 'x'.repeat(3_000_000) })], publisher);
  expect([settlements, [...written]]).toEqual([[{ kind: 'ack' }], [idOf(0)]]);
});
