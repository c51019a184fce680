import type { CronFields } from './cron-fields.ts';

/** The times of day that an expression allows, counted in seconds from midnight and numbered from 0. */
export interface TimesOfDay {
  readonly size: number;
  /** How many allowed times lie before `second` (0 to 86,400). */
  rank(second: number): number;
  /** The allowed time with number `index` (0 to size - 1). */
  at(index: number): number;
}

/** Rank and select over hour x minute x second, so that no question walks through the day. */
export function timesOfDay({ hours, minutes, seconds }: CronFields): TimesOfDay {
  const hour = ranks(hours, 24);
  const minute = ranks(minutes, 60);
  const second = ranks(seconds, 60);
  const perMinute = seconds.length;
  const perHour = minutes.length * perMinute;
  return {
    size: hours.length * perHour,
    rank(time) {
      const h = Math.floor(time / 3600);
      const m = Math.floor(time / 60) % 60;
      const hoursBefore = at(hour, h) * perHour;
      if (at(hour, h + 1) === at(hour, h)) return hoursBefore;
      const minutesBefore = hoursBefore + at(minute, m) * perMinute;
      return at(minute, m + 1) === at(minute, m) ? minutesBefore : minutesBefore + at(second, time % 60);
    },
    at(index) {
      const minuteIndex = Math.floor(index / perMinute) % minutes.length;
      return (
        at(hours, Math.floor(index / perHour)) * 3600 + at(minutes, minuteIndex) * 60 + at(seconds, index % perMinute)
      );
    },
  };
}

/** `ranks(values, size)[v]` is how many of the values are less than v, for v in 0..size + 1. */
function ranks(values: readonly number[], size: number): Uint8Array {
  const table = new Uint8Array(size + 2);
  for (let value = 0; value <= size; value++) table[value + 1] = at(table, value) + (values.includes(value) ? 1 : 0);
  return table;
}

function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`time of day index ${index} is out of range`);
  return value;
}
