import { PUBLISH_AGAIN_MS, type RunRecord } from '@simple-scheduler/core';
import { expect, test } from 'vitest';
import { owing } from '../../test/owing.ts';
import type { ApiContext } from '../jobs/context.ts';
import type { RunUpdate } from '../ports/index.ts';
import { cancelRun } from './cancel-run.ts';

const NOW = 1_000;

test('without a broker here, a scheduler is told to ask the worker soon', async () => {
  const { owes: _, ...pending } = owing('a');
  const run: RunRecord = { ...pending, status: 'running', rev: 4, startedAt: 5 };
  const updates: RunUpdate[] = [];
  const context = {
    clock: { now: () => NOW },
    meter: { count: () => {} },
    bus: { state: () => 'connecting' },
    patience: { within: async (work: Promise<unknown>) => ({ kind: 'done', value: await work }) },
    store: {
      getRun: async () => run,
      updateRuns: async (some: readonly RunUpdate[]) => {
        updates.push(...some);
        return some.map(() => 'updated');
      },
    },
  } as unknown as ApiContext;
  await cancelRun(context, 'a');
  expect(updates).toMatchObject([
    { rev: 4, change: { set: { status: 'cancelling', owes: 'cancel' } } },
    { rev: 5, change: { set: { watchAt: NOW + PUBLISH_AGAIN_MS } } },
  ]);
});
