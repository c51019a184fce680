import type { RunRecord } from '@simple-scheduler/core';
import { expect, test } from 'vitest';
import { owing } from '../../test/owing.ts';
import type { RunUpdate } from '../ports/index.ts';
import type { Context } from './context.ts';
import { watchRuns } from './watch-runs.ts';

const NOW = 20_000;

const late = (id: string): RunRecord => ({ ...owing(id), watchAt: NOW - 1 });

test('leaves to its own publisher what that is publishing, and looks at it again later', async () => {
  const published: string[] = [];
  const updates: RunUpdate[] = [];
  const context = {
    clock: { now: () => NOW },
    log: { info: () => {}, debug: () => {} },
    meter: { count: () => {} },
    bus: { state: () => 'connected' },
    store: {
      dueRuns: async () => [late('held'), late('lost')],
      updateRuns: async (some: readonly RunUpdate[]) => {
        updates.push(...some);
        return some.map(() => 'updated');
      },
    },
  } as unknown as Context;
  const publisher = {
    holding: () => (run: RunRecord) => run.id === 'held',
    submit: async (runs: readonly RunRecord[]) => void published.push(...runs.map(({ id }) => id)),
  };
  expect(await watchRuns(context, NOW, publisher)).toEqual({ more: false });
  expect(published).toEqual(['lost']);
  for (const { change } of updates) expect(change.set.watchAt).toBeGreaterThan(NOW);
  expect(updates.map(({ id }) => id)).toEqual(['held', 'lost']);
});
