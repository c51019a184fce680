import { PUBLISH_AGAIN_MS, type RunRecord } from '@simple-scheduler/core';
import { expect, test } from 'vitest';
import { owing } from '../../test/owing.ts';
import type { BusState, PublishOutcome, RunUpdate, UpdateRunOutcome } from '../ports/index.ts';
import type { Context } from './context.ts';
import { publishOwed } from './publish-owed.ts';

const NOW = 1_000;
const SOON = { set: { watchAt: NOW + PUBLISH_AGAIN_MS }, unset: [] };

const late = (id: string, rev = 0): RunRecord => ({ ...owing(id), rev, watchAt: NOW + 15_000 });

/** What is asked of a bus and a store that answer like this, where `stored` is what the store has once asked again. */
async function publish(
  runs: readonly RunRecord[],
  answers: { bus?: BusState; outcomes?: PublishOutcome[]; updated?: UpdateRunOutcome; stored?: RunRecord[] },
) {
  const asked = { sent: [] as string[], marked: [] as string[], updates: [] as RunUpdate[] };
  const context = {
    clock: { now: () => NOW },
    meter: { count: () => {} },
    bus: {
      state: () => answers.bus ?? 'connected',
      publishActions: async (messages: readonly { body: { runId: string } }[]) => {
        asked.sent.push(...messages.map(({ body }) => body.runId));
        return answers.outcomes;
      },
    },
    store: {
      markPublished: async (marks: readonly { id: string }[]) => void asked.marked.push(...marks.map(({ id }) => id)),
      getRuns: async () => answers.stored ?? [],
      updateRuns: async (updates: readonly RunUpdate[]) => {
        asked.updates.push(...updates);
        return updates.map(() => answers.updated ?? 'updated');
      },
    },
  } as unknown as Context;
  const published = await publishOwed(context, runs);
  return { ...asked, published };
}

test('marks what the bus has confirmed, and has the rest published again soon', async () => {
  const asked = await publish([late('a'), late('b', 3)], { outcomes: ['confirmed', 'unconfirmed'] });
  const { owes: _owed, watchAt: _grace, ...published } = { ...late('a'), publishedAt: NOW };
  expect(asked).toEqual({
    sent: ['a', 'b'],
    marked: ['a'],
    updates: [{ id: 'b', rev: 3, change: SOON }],
    published: [published],
  });
});

test('gives a run back with the deadline that its mark has set', async () => {
  const { published } = await publish([{ ...late('a'), startTimeoutMs: 400 }], { outcomes: ['confirmed'] });
  expect(published).toEqual([expect.objectContaining({ publishedAt: NOW, watchAt: NOW + 400 })]);
});

test('a cancellation that is published leaves the deadlines of its run as they are', async () => {
  const { owes: _owed, ...asked } = { ...late('a'), status: 'cancelling' as const };
  const { published } = await publish([{ ...asked, owes: 'cancel' }], { outcomes: ['confirmed'] });
  expect(published).toEqual([asked]);
});

test('does not wait for a bus that is not there', async () => {
  const asked = await publish([late('a')], { bus: 'connecting' });
  expect(asked).toEqual({ sent: [], marked: [], updates: [{ id: 'a', rev: 0, change: SOON }], published: [] });
});

test('leaves to others what they have changed meanwhile: they may be publishing it', async () => {
  const answers = { outcomes: ['unconfirmed' as const], updated: 'conflict' as const, stored: [late('a', 1)] };
  const asked = await publish([late('a')], answers);
  expect(asked.updates).toEqual([{ id: 'a', rev: 0, change: SOON }]);
});
