import { type RunRecord, transition } from '@simple-scheduler/core';
import { expect, test } from 'vitest';
import { owing } from '../../test/owing.ts';
import type { RunUpdate, UpdateRunOutcome } from '../ports/index.ts';
import type { Context } from './context.ts';
import { updateRuns } from './update-runs.ts';

test('each run that ends is counted once by its status, after a conflict as it then ended, and a lost one is not', async () => {
  const counted: [string, number | undefined, object | undefined][] = [];
  const rounds: UpdateRunOutcome[][] = [['updated', 'updated', 'conflict', 'slot_taken'], ['updated']];
  const context = {
    meter: { count: (...args: (typeof counted)[number]) => void counted.push(args) },
    store: {
      updateRuns: async (_updates: readonly RunUpdate[]) => rounds.shift(),
      getRuns: async (ids: readonly string[]): Promise<RunRecord[]> => ids.map((id) => ({ ...pending(id), rev: 7 })),
    },
  } as unknown as Context;
  const saying = { done: 'completed', again: 'failed', lost: 'failed' } as const;
  const decide = (run: RunRecord): RunRecord | undefined => {
    const status = saying[run.id as keyof typeof saying] ?? 'running';
    const result = transition(run, { kind: 'status', status, attempt: 1 }, 5_000);
    return result.kind === 'changed' ? result.run : undefined;
  };
  await updateRuns(context, ['done', 'goes on', 'again', 'lost'].map(pending), decide);
  expect(counted).toEqual([
    ['runs_ended_total', 1, { status: 'completed' }],
    ['runs_ended_total', 1, { status: 'failed' }],
  ]);
});

function pending(id: string): RunRecord {
  const { owes: _owed, ...published } = { ...owing(id), publishedAt: 2 };
  return published;
}
