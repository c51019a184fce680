import type { Tick } from '@simple-scheduler/contracts';
import type { LedgerEntry } from '@simple-scheduler/engine';
import { instant } from './instant.ts';

/** A tick of the ledger as the contract shows it. */
export function tickView({ scheduledAt, outcome, run }: LedgerEntry): Tick {
  const tick = { scheduledAt: instant(scheduledAt), outcome };
  if (run === undefined) return tick;
  return {
    ...tick,
    ...(run.reason === undefined ? {} : { reason: run.reason }),
    trigger: run.trigger,
    runId: run.id,
    ...(run.spanTo === undefined || run.spanCount === undefined
      ? {}
      : { from: instant(scheduledAt), to: instant(run.spanTo), count: run.spanCount }),
  };
}
