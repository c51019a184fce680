import type { FaultFact, RunFact } from './history.ts';

export interface Handled {
  readonly job: string;
  readonly tickAt: number;
  /** When it was dealt with: its action was on the bus, or its record was made. */
  readonly at: number;
}

export interface Recovery {
  readonly fault: FaultFact;
  /**
   * From the heal until ticks are on time again and stay so; undefined where the next fault began first, or nothing is
   * known of the time after.
   */
  readonly recoveredMs: number | undefined;
  /** From the heal until the first tick that came due after it and was on time. */
  readonly firstOnTimeMs: number | undefined;
}

/** A tick dealt with within this is on time. */
export const ON_TIME_MS = 1_000;
/** Ticks stay on time when these next ones are, but for a straggler among a hundred. */
const WINDOW_MS = 2_000;
const STRAGGLERS_SHARE = 0.01;

/** The ticks that runs were made of, in order of time. Rows of skipped ticks are left out: they were late, or are never. */
export function handledTicks(runs: readonly RunFact[], concurrentJobs: ReadonlySet<string>): Handled[] {
  return runs
    .filter(({ trigger, span, reason }) => trigger === 'schedule' && span === undefined && reason !== 'misfire')
    .map((run) => {
      const publishedAt = concurrentJobs.has(run.job) && run.attempts.length === 0 ? run.publishedAt : undefined;
      return { job: run.job, tickAt: run.scheduledAt, at: publishedAt ?? run.createdAt };
    })
    .sort((a, b) => a.tickAt - b.tickAt);
}

/** How long each fault could be felt after it was healed. `ticks` in order of time. */
export function recoveries(faults: readonly FaultFact[], ticks: readonly Handled[]): Recovery[] {
  return faults.map((fault) => {
    const others = faults.filter((other) => other !== fault && other.healedAt > fault.healedAt);
    const nextAt = Math.min(
      ...others.map(({ beganAt }) => Math.max(beganAt, fault.healedAt)),
      Number.POSITIVE_INFINITY,
    );
    const after = ticks.slice(firstAtOrAfter(ticks, fault.healedAt));
    const first = after.find(isOnTime);
    const recovered = recoveredAt(after, fault.healedAt);
    return {
      fault,
      recoveredMs: recovered === undefined || recovered > nextAt ? undefined : recovered - fault.healedAt,
      firstOnTimeMs: first === undefined ? undefined : Math.max(0, first.at - fault.healedAt),
    };
  });
}

/** The tick that was kept waiting longest. */
export function longestGap(ticks: readonly Handled[]): Handled | undefined {
  let longest: Handled | undefined;
  for (const tick of ticks) if (longest === undefined || lateness(tick) > lateness(longest)) longest = tick;
  return longest;
}

export const lateness = ({ at, tickAt }: Handled): number => at - tickAt;
const isOnTime = (tick: Handled): boolean => lateness(tick) <= ON_TIME_MS;

/** The first moment since which ticks are on time: the heal itself, or just after a late tick. */
function recoveredAt(after: readonly Handled[], healedAt: number): number | undefined {
  let since = healedAt;
  for (let from = 0; from < after.length; ) {
    const until = firstAtOrAfter(after, since + WINDOW_MS);
    if (until >= after.length && (after.at(-1)?.tickAt ?? 0) < since + WINDOW_MS / 2) return undefined;
    const window = after.slice(from, until);
    const late = window.filter((tick) => !isOnTime(tick));
    if (window.length > 0 && late.length <= window.length * STRAGGLERS_SHARE) return since;
    since = (late.at(-1)?.tickAt ?? since + WINDOW_MS - 1) + 1;
    from = firstAtOrAfter(after, since);
  }
  return undefined;
}

function firstAtOrAfter(ticks: readonly Handled[], at: number): number {
  let [low, high] = [0, ticks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ticks[middle] as Handled).tickAt < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
