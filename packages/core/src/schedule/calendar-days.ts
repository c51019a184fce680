import type { DayOfMonthRule, DayOfWeekRule, DayRule } from './cron-fields.ts';

const DAY_MS = 86_400_000;
/** Bits 0, 7, 14, 21 and 28. */
const EVERY_SEVENTH_DAY = 0x1020_4081;

/**
 * How many months a search looks through. The rarest expression that parses, a fifth given weekday in February, comes
 * once in at most 40 years (around a century that is no leap year).
 */
const SEARCH_MONTHS = 41 * 12;

/** The calendar days a rule allows; a day is the number of days since 1970-01-01, in whatever zone the caller means. */
export interface CalendarDays {
  /** First allowed day at or after `day`, or null when none comes within the search horizon. */
  firstFrom(day: number): number | null;
  /** Last allowed day at or before `day`, or null when none came within the search horizon. */
  lastTo(day: number): number | null;
  /** Number of allowed days d with `from <= d < to`. */
  count(from: number, to: number): number;
}

export function calendarDays(rule: DayRule): CalendarDays {
  const monthMask = monthMasks(rule);
  return {
    firstFrom(day) {
      const start = monthOf(day);
      for (let month = start; month < start + SEARCH_MONTHS; month++) {
        const firstDay = firstDayOf(month);
        const left = month === start ? monthMask(month) & (-1 << (day - firstDay)) : monthMask(month);
        // The lowest set bit: 31 minus its leading zeros.
        if (left !== 0) return firstDay + 31 - Math.clz32(left & -left);
      }
      return null;
    },
    lastTo(day) {
      const start = monthOf(day);
      for (let month = start; month > start - SEARCH_MONTHS; month--) {
        const firstDay = firstDayOf(month);
        const left = month === start ? monthMask(month) & lowBits(day - firstDay + 1) : monthMask(month);
        if (left !== 0) return firstDay + 31 - Math.clz32(left);
      }
      return null;
    },
    count(from, to) {
      if (from >= to) return 0;
      const end = monthOf(to);
      let total = 0;
      for (let month = monthOf(from); month <= end; month++) {
        const firstDay = firstDayOf(month);
        const fromBit = Math.max(from - firstDay, 0);
        total += bitCount(monthMask(month) & lowBits(Math.min(to - firstDay, 31)) & ~lowBits(fromBit));
      }
      return total;
    },
  };
}

/** Month number (12 * year + month, January 0) of a day. */
function monthOf(day: number): number {
  const date = new Date(day * DAY_MS);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function firstDayOf(month: number): number {
  return Date.UTC(Math.floor(month / 12), month % 12, 1) / DAY_MS;
}

/** The allowed days of a month as a bit mask: bit 0 is the first. */
function monthMasks(rule: DayRule): (month: number) => number {
  const { dayOfMonth, dayOfWeek } = rule;
  return (month) => {
    if (!rule.months.includes((month % 12) + 1)) return 0;
    const firstDay = firstDayOf(month);
    const length = firstDayOf(month + 1) - firstDay;
    if (dayOfMonth === null && dayOfWeek === null) return lowBits(length);
    // 1970-01-01 was a Thursday.
    const firstWeekday = (((firstDay + 4) % 7) + 7) % 7;
    const byDate = dayOfMonth === null ? 0 : dayOfMonthMask(dayOfMonth, length);
    const byWeekday = dayOfWeek === null ? 0 : dayOfWeekMask(dayOfWeek, length, firstWeekday);
    return byDate | byWeekday;
  };
}

function dayOfMonthMask(rule: DayOfMonthRule, length: number): number {
  let mask = rule.lastDay ? 1 << (length - 1) : 0;
  for (const day of rule.days) if (day <= length) mask |= 1 << (day - 1);
  return mask;
}

function dayOfWeekMask(rule: DayOfWeekRule, length: number, firstWeekday: number): number {
  let mask = 0;
  for (const weekday of rule.weekdays) {
    const first = (weekday - firstWeekday + 7) % 7;
    // Every seventh bit, then the week that the nth such day falls in.
    const everyWeek = EVERY_SEVENTH_DAY << first;
    mask |= rule.nth === null ? everyWeek : everyWeek & (0x7f << (7 * (rule.nth - 1)));
  }
  for (const weekday of rule.lastWeekdays) {
    const lastWeekday = (firstWeekday + length - 1) % 7;
    mask |= 1 << (length - 1 - ((lastWeekday - weekday + 7) % 7));
  }
  return mask & lowBits(length);
}

/** A mask of the `count` lowest bits, 0 to 31. */
function lowBits(count: number): number {
  return count >= 31 ? 0x7fff_ffff : (1 << count) - 1;
}

function bitCount(mask: number): number {
  let count = 0;
  for (let left = mask; left !== 0; left &= left - 1) count++;
  return count;
}
