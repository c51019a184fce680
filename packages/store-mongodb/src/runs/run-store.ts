import type { RunStore } from '@simple-scheduler/engine';
import type { Database } from '../database.ts';
import { insertRuns } from './insert-runs.ts';
import { pruneRuns } from './prune-runs.ts';
import { runHistory } from './run-history.ts';
import { runReads } from './run-reads.ts';
import { runSigns } from './run-signs.ts';
import { runWork } from './run-work.ts';
import { updateRuns } from './update-runs.ts';

export function runStore(database: Database): RunStore {
  const { connection } = database;
  return {
    insertRuns: (runs) => connection.call(() => insertRuns(database, runs)),
    updateRuns: (updates) => connection.call(() => updateRuns(database, updates)),
    pruneRuns: (prunings, limit) => connection.call(({ isLate }) => pruneRuns(database, prunings, { limit, isLate })),
    ...runReads(database),
    ...runHistory(database),
    ...runSigns(database),
    ...runWork(database),
  };
}
