import type { DeliveryFigures } from './check/deliveries.ts';
import { iso, type Violation } from './check/history.ts';
import { type Handled, lateness, type Recovery } from './check/recovery.ts';
import type { TickFigures } from './check/ticks.ts';

export interface Figures extends TickFigures, DeliveryFigures {
  readonly seed: number;
  readonly jobs: number;
  readonly chaosMs: number;
  /** Runs by their last status. */
  readonly ends: Readonly<Record<string, number>>;
  readonly attemptsLost: number;
  /** Times that two workers were at work on an exclusive job, one of them given up. */
  readonly physicalOverlaps: number;
  readonly looks: number;
  readonly comparisons: number;
  readonly asked: number;
  readonly longest: Handled | undefined;
  readonly recoveries: readonly Recovery[];
  /** From the last heal until nearly all ticks were on time. */
  readonly settledMs: number;
}

/** The figures for people, a line each. */
export function figureLines(figures: Figures): string[] {
  const { longest } = figures;
  return [
    `seed ${figures.seed}: ${(figures.chaosMs / 60_000).toFixed(1)} minutes, ${figures.jobs} jobs, ${figures.recoveries.length} faults`,
    `ticks due ${figures.due}, runs ${figures.runs}, skipped ${figures.skipped}`,
    `ends: ${Object.entries(figures.ends)
      .map(([status, count]) => `${status} ${count}`)
      .join(', ')}; attempts lost ${figures.attemptsLost}`,
    `actions received ${figures.received}, duplicates delivered ${figures.duplicates}, work on exclusive jobs that overlapped ${figures.physicalOverlaps}`,
    `asked by hand ${figures.asked}; looks at runs ${figures.looks}, ended ones compared ${figures.comparisons}`,
    longest === undefined
      ? 'longest gap: none'
      : `longest gap ${seconds(lateness(longest))}: ${longest.job}, tick ${iso(longest.tickAt)}`,
    `on time again ${seconds(figures.settledMs)} after the last heal`,
    'recovery after the heal, by kind of fault (median / longest; those that the next fault hides left out):',
    ...recoveryLines(figures.recoveries),
  ];
}

function recoveryLines(recoveries: readonly Recovery[]): string[] {
  return [...Map.groupBy(recoveries, ({ fault }) => fault.kind)].map(([kind, all]) => {
    const known = all.flatMap(({ recoveredMs }) => (recoveredMs === undefined ? [] : [recoveredMs]));
    const first = all.flatMap(({ firstOnTimeMs }) => (firstOnTimeMs === undefined ? [] : [firstOnTimeMs]));
    return `  ${kind.padEnd(26)} ${String(all.length).padStart(3)} ×  all ticks on time ${range(known)}, first one ${range(first)}`;
  });
}

function range(durations: readonly number[]): string {
  const sorted = durations.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  return median === undefined ? '–' : `${seconds(median)} / ${seconds(sorted.at(-1) ?? median)}`;
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** A few of each kind, and how many there are. */
export function violationLines(violations: readonly Violation[], most = 5): string[] {
  return [...Map.groupBy(violations, ({ check }) => check)].flatMap(([check, all]) => [
    `VIOLATED: ${check} (${all.length})`,
    ...all.slice(0, most).map(({ what }) => `  ${what}`),
  ]);
}
