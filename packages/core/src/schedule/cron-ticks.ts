import type { CronFields } from './cron-fields.ts';
import type { TickSource } from './schedule.ts';
import { wallTicks } from './wall-ticks.ts';
import type { ZoneSegment, ZoneTimeline } from './zone-timeline.ts';

const DAY_MS = 86_400_000;
/** Cron ticks lie in the years that timestamps can write and zones know: 1970 to 9999. */
const FIRST_TICK_AT = 0;
const LAST_TICK_AT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Ticks of a cron expression in a zone. A zone is a row of segments with one offset each, and inside a segment wall
 * time and UTC run side by side, so ticks are found and counted as plain wall times. What is left is what a change of
 * offset does to them:
 *
 * - An expression whose hour field leaves some hour out names moments of the day. Each of them fires once a day: one
 *   that the change skips at the first moment after the gap (several of one gap at that one instant), one that comes
 *   twice at its first coming.
 * - An expression that allows every hour follows elapsed time: it fires whenever the wall clock matches, in both
 *   passes of a repeated hour, and not for times that were skipped.
 */
export function cronTicks(fields: CronFields, zone: ZoneTimeline): TickSource {
  const walls = wallTicks(fields);
  const namesHour = fields.hours.length < 24;

  /** The segment's first wall time at or after an instant that is not a second coming. */
  function wallFrom(segment: ZoneSegment, at: number): number {
    const wall = Math.max(at, segment.startAt) + segment.offsetMs;
    return namesHour ? Math.max(wall, segment.frontier) : wall;
  }

  /** Whether skipped times of the gap before the segment fire at its start. */
  function firesAfterGap({ startsWithChange, startAt, offsetMs, frontier }: ZoneSegment): boolean {
    if (!namesHour || !startsWithChange || frontier >= startAt + offsetMs) return false;
    const skipped = walls.firstFrom(frontier);
    return skipped !== null && skipped < startAt + offsetMs;
  }

  function firstIn(segment: ZoneSegment, from: number): number | null {
    if (from <= segment.startAt && firesAfterGap(segment)) return segment.startAt;
    const wall = walls.firstFrom(wallFrom(segment, from));
    return wall !== null && wall < segment.endAt + segment.offsetMs ? wall - segment.offsetMs : null;
  }

  function lastIn(segment: ZoneSegment, from: number, to: number): number | null {
    const wall = walls.lastBefore(Math.min(to, segment.endAt) + segment.offsetMs);
    if (wall !== null && wall >= wallFrom(segment, from)) return wall - segment.offsetMs;
    return from <= segment.startAt && firesAfterGap(segment) ? segment.startAt : null;
  }

  function countIn(segment: ZoneSegment, from: number, to: number): number {
    const count = walls.count(wallFrom(segment, from), Math.min(to, segment.endAt) + segment.offsetMs);
    if (from > segment.startAt || !firesAfterGap(segment)) return count;
    // A regular tick at the very end of the gap and the skipped ones are one tick.
    const endOfGap = segment.startAt + segment.offsetMs;
    return walls.firstFrom(endOfGap) === endOfGap ? count : count + 1;
  }

  return {
    next(after) {
      let from = Math.max(after + 1, FIRST_TICK_AT);
      while (from <= LAST_TICK_AT) {
        const segment = zone.segmentAt(from);
        const tick = firstIn(segment, from);
        if (tick !== null) return tick <= LAST_TICK_AT ? tick : null;
        // No offset and no gap reaches a day, so no tick comes before the day before its wall time.
        const wall = walls.firstFrom(segment.endAt - DAY_MS);
        if (wall === null) return null;
        from = Math.max(segment.endAt, wall - DAY_MS);
      }
      return null;
    },
    last({ after, at }) {
      const from = Math.max(after + 1, FIRST_TICK_AT);
      let to = Math.min(at, LAST_TICK_AT) + 1;
      while (from < to) {
        const segment = zone.segmentAt(to - 1);
        const tick = lastIn(segment, from, to);
        if (tick !== null) return tick;
        const wall = walls.lastBefore(segment.startAt + DAY_MS);
        if (wall === null) return null;
        to = Math.min(segment.startAt, wall + DAY_MS + 1);
      }
      return null;
    },
    count({ after, at }) {
      let from = Math.max(after + 1, FIRST_TICK_AT);
      const to = Math.min(at, LAST_TICK_AT) + 1;
      let total = 0;
      while (from < to) {
        const segment = zone.segmentAt(from);
        total += countIn(segment, from, to);
        from = segment.endAt;
      }
      return total;
    },
  };
}
