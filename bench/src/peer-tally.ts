import type { Execution } from '@simple-scheduler/bench-peers';
import type { TickCount } from './ledger.ts';

export interface TaskWindow {
  readonly expected: number;
  readonly from: number;
  /** Excluded. */
  readonly to: number;
}

export interface PeerTally {
  /** Milliseconds from when the peer says that a task was due to its handler, the first time for each. */
  readonly lateness: readonly number[];
  /**
   * Missed: how many fewer different ticks there were than there should have been. A peer that moves a tick on when it is
   * late has fewer in the window.
   */
  readonly ticks: TickCount;
  /** Executions that began in the window, whatever they were due for. */
  readonly receivedInWindow: number;
}

export function tallyOf(executions: readonly Execution[], { expected, from, to }: TaskWindow): PeerTally {
  const first = new Map<string, number>();
  let inWindow = 0;
  let receivedInWindow = 0;
  for (const { name, dueAt, receivedAt } of executions) {
    if (receivedAt >= from && receivedAt < to) receivedInWindow++;
    if (dueAt < from || dueAt >= to) continue;
    inWindow++;
    const tick = `${name}@${dueAt}`;
    if (!first.has(tick)) first.set(tick, receivedAt - dueAt);
  }
  return {
    lateness: [...first.values()],
    ticks: {
      expected,
      missed: Math.max(0, expected - first.size),
      doubled: inWindow - first.size,
      redelivered: 0, // a peer has no name for a run by which a second delivery could be told from a second run
    },
    receivedInWindow,
  };
}
