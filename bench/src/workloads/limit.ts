// The limit of w1: how many runs a second get from their tick to `completed` with none missed and a bearable lateness.
import { isInTime, measureLimit } from '../limit-trials.ts';
import { type Punctuality, punctuality } from './punctuality.ts';
import type { Workload } from './workload.ts';

export const limit: Workload = (context) => measureLimit(context, { measure: punctuality, isSustained, inShort });

function isSustained({ latenessMs, ticks, completed }: Punctuality): boolean {
  const isWhole = ticks.missed === 0 && ticks.doubled === 0 && completed === ticks.expected;
  return isWhole && isInTime(latenessMs);
}

function inShort({ latenessMs, ticks, completed, runsPerSecond }: Punctuality): Record<string, unknown> {
  return { p99: latenessMs?.p99, missed: ticks.missed, unfinished: ticks.expected - completed, runsPerSecond };
}
