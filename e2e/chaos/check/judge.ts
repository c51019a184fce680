import type { Figures } from '../report.ts';
import { checkAnswers } from './answers.ts';
import { checkDeliveries } from './deliveries.ts';
import type { History, Violation } from './history.ts';
import { checkOverlap } from './overlap.ts';
import { physicalOverlaps } from './physical.ts';
import { checkRecords } from './records.ts';
import { handledTicks, longestGap, recoveries } from './recovery.ts';
import { checkTicks } from './ticks.ts';

export type Judged = Pick<
  Figures,
  | 'due'
  | 'runs'
  | 'skipped'
  | 'received'
  | 'duplicates'
  | 'jobs'
  | 'ends'
  | 'attemptsLost'
  | 'physicalOverlaps'
  | 'asked'
  | 'longest'
  | 'recoveries'
>;

/** Everything that can be said about a history. */
export function judge(history: History): { violations: Violation[]; figures: Judged } {
  const { jobs, runs, receipts, sayings, faults, asked } = history;
  const ticks = checkTicks(jobs, runs);
  const deliveries = checkDeliveries(runs, receipts, faults);
  const concurrent = new Set(jobs.filter(({ isConcurrent }) => isConcurrent).map(({ name }) => name));
  const handled = handledTicks(runs, concurrent);
  const ends: Record<string, number> = {};
  for (const { status } of runs) ends[status] = (ends[status] ?? 0) + 1;
  return {
    violations: [
      ...ticks.violations,
      ...deliveries.violations,
      ...checkOverlap(jobs, runs),
      ...checkRecords(jobs, runs, sayings),
      ...checkAnswers(asked, runs),
    ],
    figures: {
      ...ticks.figures,
      ...deliveries.figures,
      jobs: jobs.length,
      ends,
      attemptsLost: runs.reduce((sum, run) => sum + run.attempts.filter(({ outcome }) => outcome === 'lost').length, 0),
      physicalOverlaps: physicalOverlaps(jobs, receipts, sayings),
      asked: asked.length,
      longest: longestGap(handled),
      recoveries: recoveries(faults, handled),
    },
  };
}
