import type { Client } from '@simple-scheduler/client';
import type { Run } from '@simple-scheduler/contracts';

/** All runs of a job, newest first, over all pages. */
export async function allRuns(client: Client, jobName: string): Promise<Run[]> {
  return Array.fromAsync(client.runs.each({ jobName, limit: 500 }));
}

/** Ticks of an interval between the first and the last recorded one that have no record, or more than one. */
export function faultsOfLedger(runs: readonly Run[], intervalMs: number): { missing: string[]; doubled: string[] } {
  const records = new Map<number, number>();
  for (const run of runs) {
    if (!isTick(run)) continue;
    const first = Date.parse(run.scheduledAt);
    const last = run.to === undefined ? first : Date.parse(run.to);
    for (let tick = first; tick <= last; tick += intervalMs) records.set(tick, (records.get(tick) ?? 0) + 1);
  }
  const ticks = [...records.keys()].sort((a, b) => a - b);
  const missing: string[] = [];
  for (let tick = ticks[0] ?? 0; tick < (ticks.at(-1) ?? 0); tick += intervalMs)
    if (!records.has(tick)) missing.push(new Date(tick).toISOString());
  return {
    missing,
    doubled: ticks.filter((tick) => (records.get(tick) ?? 0) > 1).map((tick) => new Date(tick).toISOString()),
  };
}

/** The record that holds a tick, be it by itself or in a row. */
export function recordOf(runs: readonly Run[], tick: number): Run | undefined {
  return runs.find((run) => {
    const first = Date.parse(run.scheduledAt);
    return isTick(run) && first <= tick && tick <= (run.to === undefined ? first : Date.parse(run.to));
  });
}

function isTick({ trigger }: Run): boolean {
  return trigger === 'schedule' || trigger === 'misfire';
}
