import type { MisfirePolicy } from '@simple-scheduler/contracts/vocabulary';
import type { TickSource } from '../schedule/index.ts';

export interface MisfireSettings {
  readonly policy: MisfirePolicy;
  /** Most runs that `fire_all` makes of missed ticks. */
  readonly limit: number;
  /** A due tick counts as missed once it is older than this. */
  readonly graceMs: number;
}

export type PlannedTick =
  | { readonly kind: 'run'; readonly scheduledAt: number; readonly trigger: 'schedule' | 'misfire' }
  /** One tick that the misfire policy leaves out. */
  | { readonly kind: 'skipped'; readonly scheduledAt: number }
  /** A row of more than `MAX_SINGLE_SKIPS` such ticks: `count` of them, `from` and `to` included. */
  | { readonly kind: 'skipped_span'; readonly from: number; readonly to: number; readonly count: number };

export interface DuePlan {
  /** Oldest first; every due tick before `nextRunAt` is in exactly one of them. */
  readonly ticks: readonly PlannedTick[];
  /** The first tick that the plan does not settle: due already when the plan was cut at `maxTicks`. Null: none, ever. */
  readonly nextRunAt: number | null;
  /**
   * What is left of the misfire limit. Only matters to a caller that goes on after a cut: it passes this as the limit
   * of the next plan, with the same `now`, so that a catch-up in parts runs no more than one in a piece.
   */
  readonly limitLeft: number;
}

export interface DueInput {
  readonly source: TickSource;
  /** The first unsettled tick. It counts as a tick even where the source has none (set by a user, or a once job). */
  readonly nextRunAt: number;
  readonly now: number;
  readonly misfire: MisfireSettings;
  /** Most runs in one plan, at least 1. Skipped ticks come on top: at most `MAX_SINGLE_SKIPS` records. */
  readonly maxTicks: number;
}

/** Rows of skipped ticks longer than this become one span. */
const MAX_SINGLE_SKIPS = 10;

/** A row of ticks: at least one, `from` and `to` included. */
interface Row {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/**
 * What to do with the ticks that are due. Missed ones (the oldest) follow the policy; the late ones after them each
 * run. Costs as many steps as the plan has records, however many ticks were missed.
 * @throws RangeError when `maxTicks` is not a positive integer
 */
export function planDueTicks(input: DueInput): DuePlan {
  const { source, nextRunAt, now, misfire, maxTicks } = input;
  if (!Number.isSafeInteger(maxTicks) || maxTicks < 1) throw new RangeError(`maxTicks ${maxTicks} must be at least 1`);
  if (nextRunAt > now) return { ticks: [], nextRunAt, limitLeft: misfire.limit };

  const cutoffAt = now - misfire.graceMs;
  const missed = missedRow(source, nextRunAt, cutoffAt);
  const caughtUp = planMissed(source, missed, misfire, maxTicks);
  if (caughtUp.cutAt !== null)
    return { ticks: caughtUp.ticks, nextRunAt: caughtUp.cutAt, limitLeft: caughtUp.limitLeft };

  const ticks = [...caughtUp.ticks];
  let runsLeft = maxTicks - caughtUp.runs;
  let tick = missed === null ? nextRunAt : source.next(missed.to);
  while (tick !== null && tick <= now && runsLeft > 0) {
    ticks.push({ kind: 'run', scheduledAt: tick, trigger: 'schedule' });
    runsLeft--;
    tick = source.next(tick);
  }
  return { ticks, nextRunAt: tick, limitLeft: caughtUp.limitLeft };
}

/** The due ticks before `cutoffAt`. */
function missedRow(source: TickSource, nextRunAt: number, cutoffAt: number): Row | null {
  if (nextRunAt >= cutoffAt) return null;
  const range = { after: nextRunAt, at: cutoffAt - 1 };
  return { from: nextRunAt, to: source.last(range) ?? nextRunAt, count: 1 + source.count(range) };
}

interface MissedPlan {
  readonly ticks: readonly PlannedTick[];
  readonly runs: number;
  readonly limitLeft: number;
  /** The first missed tick left for the next plan, when this one is full. */
  readonly cutAt: number | null;
}

function planMissed(source: TickSource, missed: Row | null, misfire: MisfireSettings, maxTicks: number): MissedPlan {
  const untouched = { runs: 0, limitLeft: misfire.limit, cutAt: null };
  if (missed === null) return { ...untouched, ticks: [] };
  switch (misfire.policy) {
    case 'skip':
      return { ...untouched, ticks: skip(source, missed) };
    case 'fire_once': {
      const older = withoutLast(source, missed);
      const ticks = [...(older === null ? [] : skip(source, older)), misfireRun(missed.to)];
      return { ...untouched, ticks, runs: 1 };
    }
    case 'fire_all':
      return fireAll(source, missed, misfire.limit, maxTicks);
  }
}

function fireAll(source: TickSource, missed: Row, limit: number, maxTicks: number): MissedPlan {
  const runs = Math.min(missed.count, Math.max(limit, 0), maxTicks);
  const ticks: PlannedTick[] = [];
  let tick: number | null = missed.from;
  while (tick !== null && ticks.length < runs) {
    ticks.push(misfireRun(tick));
    tick = source.next(tick);
  }
  const limitLeft = Math.max(limit - runs, 0);
  if (tick === null || runs === missed.count) return { ticks, runs, limitLeft, cutAt: null };
  if (limitLeft > 0) return { ticks, runs, limitLeft, cutAt: tick };
  const rest = { from: tick, to: missed.to, count: missed.count - runs };
  return { ticks: [...ticks, ...skip(source, rest)], runs, limitLeft, cutAt: null };
}

function misfireRun(scheduledAt: number): PlannedTick {
  return { kind: 'run', scheduledAt, trigger: 'misfire' };
}

function withoutLast(source: TickSource, { from, to, count }: Row): Row | null {
  if (count === 1) return null;
  return { from, to: source.last({ after: from, at: to - 1 }) ?? from, count: count - 1 };
}

function skip(source: TickSource, row: Row): PlannedTick[] {
  if (row.count > MAX_SINGLE_SKIPS) return [{ kind: 'skipped_span', ...row }];
  const ticks: PlannedTick[] = [];
  for (let tick: number | null = row.from; tick !== null && tick <= row.to; tick = source.next(tick)) {
    ticks.push({ kind: 'skipped', scheduledAt: tick });
  }
  return ticks;
}
