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
}

export interface DueInput {
  readonly source: TickSource;
  /** The first unsettled tick. It counts as a tick even where the source has none (set by a user, or a once job). */
  readonly nextRunAt: number;
  readonly now: number;
  readonly misfire: MisfireSettings;
  /**
   * Most runs in one plan: at least 1 and the misfire limit, so that only late ticks are left to the next one, never
   * missed ones, of which it would run as many again. Skipped ticks come on top: at most `MAX_SINGLE_SKIPS` records.
   */
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
 * @throws RangeError when `maxTicks` is not a positive integer, or below the misfire limit
 */
export function planDueTicks(input: DueInput): DuePlan {
  const { source, nextRunAt, now, misfire, maxTicks } = input;
  if (!Number.isSafeInteger(maxTicks) || maxTicks < 1) throw new RangeError(`maxTicks ${maxTicks} must be at least 1`);
  if (maxTicks < misfire.limit)
    throw new RangeError(`maxTicks ${maxTicks} must be at least ${misfire.limit}, the limit`);
  if (nextRunAt > now) return { ticks: [], nextRunAt };

  const cutoffAt = now - misfire.graceMs;
  const missed = missedRow(source, nextRunAt, cutoffAt);
  const ticks = missed === null ? [] : planMissed(source, missed, misfire);
  let runsLeft = maxTicks - ticks.filter(({ kind }) => kind === 'run').length;
  let tick = missed === null ? nextRunAt : source.next(missed.to);
  while (tick !== null && tick <= now && runsLeft > 0) {
    ticks.push({ kind: 'run', scheduledAt: tick, trigger: 'schedule' });
    runsLeft--;
    tick = source.next(tick);
  }
  return { ticks, nextRunAt: tick };
}

/** The due ticks before `cutoffAt`. */
function missedRow(source: TickSource, nextRunAt: number, cutoffAt: number): Row | null {
  if (nextRunAt >= cutoffAt) return null;
  const range = { after: nextRunAt, at: cutoffAt - 1 };
  return { from: nextRunAt, to: source.last(range) ?? nextRunAt, count: 1 + source.count(range) };
}

function planMissed(source: TickSource, missed: Row, misfire: MisfireSettings): PlannedTick[] {
  switch (misfire.policy) {
    case 'skip':
      return skip(source, missed);
    case 'fire_once': {
      const older = withoutLast(source, missed);
      return [...(older === null ? [] : skip(source, older)), misfireRun(missed.to)];
    }
    case 'fire_all':
      return fireAll(source, missed, misfire.limit);
  }
}

function fireAll(source: TickSource, missed: Row, limit: number): PlannedTick[] {
  const runs = Math.min(missed.count, Math.max(limit, 0));
  const ticks: PlannedTick[] = [];
  let tick: number | null = missed.from;
  while (tick !== null && ticks.length < runs) {
    ticks.push(misfireRun(tick));
    tick = source.next(tick);
  }
  if (tick === null || runs === missed.count) return ticks;
  return [...ticks, ...skip(source, { from: tick, to: missed.to, count: missed.count - runs })];
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
