import { changeBetween, isNoChange, type RunRecord } from '@simple-scheduler/core';
import { STORE_BATCH_MAX } from '../ports/index.ts';
import type { Context } from './context.ts';

/** Rounds in which a run that someone else changed meanwhile is loaded and decided again. */
const ROUNDS_MAX = 20;

/** What to make of a run as it is now; undefined: leave it. Called again with the newer record after a conflict. */
export type Decide = (run: RunRecord) => RunRecord | undefined;

/**
 * Load, decide, commit, for a batch: applies `decide` to each run under its `rev` and repeats it on what has changed
 * meanwhile. Returns the runs as written, by id. Runs whose `slot` is taken are left as they are.
 */
export async function updateRuns(
  context: Context,
  runs: readonly RunRecord[],
  decide: Decide,
): Promise<Map<string, RunRecord>> {
  const written = new Map<string, RunRecord>();
  let open: readonly RunRecord[] = runs;
  for (let round = 0; open.length > 0; round += 1) {
    if (round === ROUNDS_MAX)
      throw new Error(`${open.length} runs changed under each of ${ROUNDS_MAX} tries to update them`);
    const conflicts: string[] = [];
    for (let from = 0; from < open.length; from += STORE_BATCH_MAX) {
      await updateBatch(context, open.slice(from, from + STORE_BATCH_MAX), decide, { written, conflicts });
    }
    open = conflicts.length === 0 ? [] : await context.store.getRuns(conflicts);
  }
  return written;
}

async function updateBatch(
  context: Context,
  runs: readonly RunRecord[],
  decide: Decide,
  into: { written: Map<string, RunRecord>; conflicts: string[] },
): Promise<void> {
  const wanted = runs.flatMap((run) => {
    const after = decide(run);
    if (after === undefined) return [];
    const change = changeBetween(run, after);
    return isNoChange(change) ? [] : [{ after, update: { id: run.id, rev: run.rev, change } }];
  });
  if (wanted.length === 0) return;
  const outcomes = await context.store.updateRuns(wanted.map(({ update }) => update));
  outcomes.forEach((outcome, i) => {
    const { after, update } = wanted[i] as (typeof wanted)[number];
    if (outcome === 'updated') {
      into.written.set(update.id, { ...after, rev: update.rev + 1 });
      countEnd(context, after);
    } else if (outcome === 'conflict') into.conflicts.push(update.id);
  });
}

/**
 * Counts `run`, just written, where it has ended; nothing is written of a run after its end. Whoever writes runs other
 * than through `updateRuns` calls this.
 */
export function countEnd(context: Pick<Context, 'meter'>, run: RunRecord): void {
  if (run.endedAt !== undefined) context.meter.count('runs_ended_total', 1, { status: run.status });
}
