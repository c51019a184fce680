import { calendarDays } from './calendar-days.ts';
import type { CronFields } from './cron-fields.ts';
import { timesOfDay } from './time-of-day.ts';

const DAY_MS = 86_400_000;

/**
 * The wall-clock times that an expression names, without regard to any zone. A wall time is written as the epoch
 * milliseconds it would have in UTC, so that arithmetic on it is plain and no time is missing or doubled.
 */
export interface WallTicks {
  /** First named time at or after `wall`, or null. */
  firstFrom(wall: number): number | null;
  /** Last named time before `wall`, or null. */
  lastBefore(wall: number): number | null;
  /** Number of named times w with `from <= w < to`. */
  count(from: number, to: number): number;
}

export function wallTicks(fields: CronFields): WallTicks {
  const days = calendarDays(fields.days);
  const times = timesOfDay(fields);

  function timesBefore(day: number, wall: number): number {
    return times.rank(Math.ceil((wall - day * DAY_MS) / 1000));
  }

  function wallOf(day: number, index: number): number {
    return day * DAY_MS + times.at(index) * 1000;
  }

  return {
    firstFrom(wall) {
      const today = Math.floor(wall / DAY_MS);
      const day = days.firstFrom(today);
      if (day === null) return null;
      if (day > today) return wallOf(day, 0);
      const index = timesBefore(day, wall);
      if (index < times.size) return wallOf(day, index);
      const later = days.firstFrom(today + 1);
      return later === null ? null : wallOf(later, 0);
    },
    lastBefore(wall) {
      const today = Math.floor(wall / DAY_MS);
      const day = days.lastTo(today);
      if (day === null) return null;
      if (day < today) return wallOf(day, times.size - 1);
      const index = timesBefore(day, wall) - 1;
      if (index >= 0) return wallOf(day, index);
      const earlier = days.lastTo(today - 1);
      return earlier === null ? null : wallOf(earlier, times.size - 1);
    },
    count(from, to) {
      if (from >= to) return 0;
      const first = Math.floor(from / DAY_MS);
      const last = Math.floor(to / DAY_MS);
      const before = days.count(first, first + 1) === 0 ? 0 : timesBefore(first, from);
      const after = days.count(last, last + 1) === 0 ? 0 : timesBefore(last, to);
      return days.count(first, last) * times.size - before + after;
    },
  };
}
