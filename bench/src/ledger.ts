import type { RunRecord } from '@simple-scheduler/core';
import type { Store } from '@simple-scheduler/engine';
import { waitFor } from '@simple-scheduler/testkit';
import type { Receipt } from './worker/protocol.ts';

const PAGE = 1_000;

/** What became of the ticks that were expected, as seen by the worker. */
export interface TickCount {
  readonly expected: number;
  /** Never received. */
  readonly missed: number;
  /** Received as more than one run: what must never be. */
  readonly doubled: number;
  /** The same run more than once: allowed, at least once is what is promised. */
  readonly redelivered: number;
}

export interface TickWindow {
  readonly expected: number;
  readonly from: number;
  /** Excluded. */
  readonly to: number;
}

export function countTicks(receipts: readonly Receipt[], { expected, from, to }: TickWindow): TickCount {
  const runsOfTick = new Map<string, Set<string>>();
  let received = 0;
  for (const { jobName, runId, tickAt } of receipts) {
    if (tickAt < from || tickAt >= to) continue;
    received++;
    const key = `${jobName}@${tickAt}`;
    const runs = runsOfTick.get(key);
    if (runs === undefined) runsOfTick.set(key, new Set([runId]));
    else runs.add(runId);
  }
  const runs = [...runsOfTick.values()].reduce((sum, ids) => sum + ids.size, 0);
  return {
    expected,
    missed: expected - runsOfTick.size,
    doubled: runs - runsOfTick.size,
    redelivered: received - runs,
  };
}

/** Milliseconds from the tick to the worker's receipt, the first one of each run. */
export function latenessOf(receipts: readonly Receipt[], { from, to }: TickWindow): number[] {
  const first = new Map<string, number>();
  for (const { runId, tickAt, receivedAt } of receipts)
    if (tickAt >= from && tickAt < to && !first.has(runId)) first.set(runId, receivedAt - tickAt);
  return [...first.values()];
}

/** The longest time in which a job that was heard of in the window was not heard of again, until its end. */
export function longestSilence(receipts: readonly Receipt[], { from, to }: { from: number; to: number }): number {
  const lastOf = new Map<string, number>();
  let longest = 0;
  for (const { jobName, receivedAt } of receipts.toSorted((a, b) => a.receivedAt - b.receivedAt)) {
    if (receivedAt < from || receivedAt >= to) continue;
    longest = Math.max(longest, receivedAt - (lastOf.get(jobName) ?? receivedAt));
    lastOf.set(jobName, receivedAt);
  }
  return [...lastOf.values()].reduce((sofar, last) => Math.max(sofar, to - last), longest);
}

/**
 * Resolves with the time (epoch ms) at which the store holds no live run any more, and no job that has a tick to come: one
 * that is due and not recorded yet is no run either.
 */
export async function allEnded(store: Store, timeoutMs: number): Promise<number> {
  await waitFor(async () => (await store.countTakeable()).total === 0, {
    timeoutMs,
    intervalMs: 20,
    message: 'every tick to be recorded',
  });
  return runsEnded(store, timeoutMs);
}

/**
 * Resolves with the time (epoch ms) at which the store holds no live run. Asks for one entry of an index, whatever the
 * store holds: to count jobs as often as this costs the database what is measured just then.
 */
export async function runsEnded(store: Store, timeoutMs: number): Promise<number> {
  const live = { limit: 1, statuses: ['pending', 'running', 'cancelling'] } as const;
  await waitFor(async () => (await store.listRuns(live)).runs.length === 0, {
    timeoutMs,
    intervalMs: 10,
    message: 'every run to end',
  });
  return Date.now();
}

/** With a window only those of ticks in it. */
export async function allRuns(
  store: Store,
  { from, to }: Pick<TickWindow, 'from' | 'to'> = { from: 0, to: Number.POSITIVE_INFINITY },
): Promise<RunRecord[]> {
  const all: RunRecord[] = [];
  let after: string | undefined;
  do {
    const { runs, next } = await store.listRuns({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    all.push(...runs.filter(({ scheduledAt }) => scheduledAt >= from && scheduledAt < to));
    after = next;
  } while (after !== undefined);
  return all;
}
