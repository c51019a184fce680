/**
 * The DST rule against a scan that knows nothing of segments, offsets or cron text: it asks Intl for the wall clock at
 * every single step of a window and applies the contract's sentence word for word.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCron } from './cron-expression.ts';
import { cronTicks } from './cron-ticks.ts';
import { type TickSource, tickSource } from './index.ts';
import { timelineOf } from './zone-timeline.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A field as text and, told apart from any parser, the values it means. */
interface Field {
  readonly text: string;
  readonly allows: (value: number) => boolean;
  readonly isWhole: boolean;
}

interface Wall {
  readonly second: number;
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  readonly weekday: number;
  readonly monthLength: number;
}

interface DayField {
  readonly text: string;
  readonly allows: (wall: Wall) => boolean;
}

interface Expression {
  readonly text: string;
  readonly namesHour: boolean;
  readonly matches: (wall: Wall) => boolean;
}

function field(min: number, max: number): fc.Arbitrary<Field> {
  const value = fc.integer({ min, max });
  const of = (text: string, values: readonly number[]): Field => {
    const allowed = new Set(values);
    return { text, allows: (candidate) => allowed.has(candidate), isWhole: allowed.size === max - min + 1 };
  };
  const range = (low: number, high: number, step: number): number[] => {
    const values: number[] = [];
    for (let next = low; next <= high; next += step) values.push(next);
    return values;
  };
  return fc.oneof(
    fc.constant(of('*', range(min, max, 1))),
    fc.uniqueArray(value, { minLength: 1, maxLength: 4 }).map((values) => of(values.join(','), values)),
    fc.tuple(value, value).map(([a, b]) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      return of(`${low}-${high}`, range(low, high, 1));
    }),
    fc.tuple(value, value, fc.integer({ min: 1, max: max - min })).map(([a, b, step]) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const fits = low + step <= high ? step : 1;
      return of(`${low}-${high}/${fits}`, range(low, high, fits));
    }),
    fc.integer({ min: 1, max: max - min }).map((step) => of(`*/${step}`, range(min, max, step))),
  );
}

const anyDay: DayField = { text: '*', allows: () => true };

const dayOfMonth: fc.Arbitrary<DayField> = fc.oneof(
  fc.uniqueArray(fc.integer({ min: 1, max: 31 }), { minLength: 1, maxLength: 6 }).map((days) => ({
    text: days.join(','),
    allows: (wall: Wall) => days.includes(wall.day),
  })),
  fc.constant({ text: 'L', allows: (wall: Wall) => wall.day === wall.monthLength }),
);

const weekday = fc.integer({ min: 0, max: 6 });
const dayOfWeek: fc.Arbitrary<DayField> = fc.oneof(
  fc.uniqueArray(weekday, { minLength: 1, maxLength: 3 }).map((days) => ({
    text: days.map((day) => (day === 0 ? 7 : day)).join(','),
    allows: (wall: Wall) => days.includes(wall.weekday),
  })),
  weekday.map((day) => ({
    text: `${day}L`,
    allows: (wall: Wall) => wall.weekday === day && wall.day > wall.monthLength - 7,
  })),
  fc.tuple(weekday, fc.integer({ min: 1, max: 5 })).map(([day, nth]) => ({
    text: `${day}#${nth}`,
    allows: (wall: Wall) => wall.weekday === day && Math.ceil(wall.day / 7) === nth,
  })),
);

interface DayFields {
  readonly day: DayField;
  readonly weekday: DayField;
  readonly allows: (wall: Wall) => boolean;
}

const everyDay: DayFields = { day: anyDay, weekday: anyDay, allows: () => true };
const someDays: fc.Arbitrary<DayFields> = fc.oneof(
  dayOfMonth.map((day) => ({ day, weekday: anyDay, allows: day.allows })),
  dayOfWeek.map((chosen) => ({ day: anyDay, weekday: chosen, allows: chosen.allows })),
  fc.tuple(dayOfMonth, dayOfWeek).map(([day, chosen]) => ({
    day,
    weekday: chosen,
    allows: (wall: Wall) => day.allows(wall) || chosen.allows(wall),
  })),
);

function expression(seconds: fc.Arbitrary<Field>, days: fc.Arbitrary<DayFields>): fc.Arbitrary<Expression> {
  return fc.tuple(seconds, field(0, 59), field(0, 23), days).map(([second, minute, hour, chosen]) => ({
    text: `${second.text} ${minute.text} ${hour.text} ${chosen.day.text} * ${chosen.weekday.text}`,
    namesHour: !hour.isWhole,
    matches: (wall) =>
      second.allows(wall.second) && minute.allows(wall.minute) && hour.allows(wall.hour) && chosen.allows(wall),
  }));
}

const atSecondZero = fc.constant<Field>({ text: '0', allows: (second) => second === 0, isWhole: false });
const mostlyEveryDay = fc.oneof({ weight: 3, arbitrary: fc.constant(everyDay) }, { weight: 2, arbitrary: someDays });

/** The wall clock of a zone, in epoch ms as if it were UTC. */
function wallClock(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (at) => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(at)) part[type] = Number(value);
    return Date.UTC(
      part['year'] ?? 0,
      (part['month'] ?? 0) - 1,
      part['day'],
      part['hour'],
      part['minute'],
      part['second'],
    );
  };
}

function read(wall: number): Wall {
  const date = new Date(wall);
  return {
    second: date.getUTCSeconds(),
    minute: date.getUTCMinutes(),
    hour: date.getUTCHours(),
    day: date.getUTCDate(),
    month: date.getUTCMonth() + 1,
    weekday: date.getUTCDay(),
    monthLength: new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
  };
}

/** One step of real time: the wall time it shows, and those that the step before would have led to but were skipped. */
interface Step {
  readonly at: number;
  readonly wall: Wall;
  readonly shownBefore: boolean;
  readonly skipped: readonly Wall[];
}

function scan(clock: (at: number) => number, from: number, to: number, stepMs: number): Step[] {
  const shown = new Set<number>();
  const steps: Step[] = [];
  let previous = clock(from) - stepMs;
  for (let at = from; at < to; at += stepMs) {
    const wall = clock(at);
    const skipped: Wall[] = [];
    for (let missing = previous + stepMs; missing < wall; missing += stepMs) {
      if (!shown.has(missing)) skipped.push(read(missing));
    }
    steps.push({ at, wall: read(wall), shownBefore: shown.has(wall), skipped });
    shown.add(wall);
    previous = wall;
  }
  return steps;
}

/** The rule, in the contract's words. */
function fires(step: Step, { namesHour, matches }: Expression): boolean {
  if (!namesHour) return matches(step.wall);
  return (matches(step.wall) && !step.shownBefore) || step.skipped.some(matches);
}

/** When the zone's offset changes within a year, to the step. */
function changes(zone: string, year: number): number[] {
  const clock = wallClock(zone);
  const offset = (at: number): number => clock(at) - at;
  const found: number[] = [];
  for (let at = Date.UTC(year, 0, 1); at < Date.UTC(year + 1, 0, 1); at += DAY) {
    if (offset(at) === offset(at + DAY)) continue;
    let [same, changed] = [at, at + DAY];
    while (changed - same > SECOND) {
      const middle = Math.floor((same + changed) / 2 / SECOND) * SECOND;
      if (offset(middle) === offset(at)) same = middle;
      else changed = middle;
    }
    found.push(changed);
  }
  return found;
}

interface Comparison {
  readonly name: string;
  readonly cron: Expression;
  readonly source: TickSource;
  readonly steps: readonly Step[];
  /** Ticks from here to the end of the steps are compared; the steps before only show what has been shown. */
  readonly from: number;
  /** Ends of a range inside, as fractions. */
  readonly cuts: readonly [number, number];
}

function expectSameTicks({ name, cron, source, steps, from, cuts }: Comparison): void {
  const to = (steps.at(-1)?.at ?? 0) + 1;
  const expected = steps.filter((step) => step.at >= from && fires(step, cron)).map((step) => step.at);
  const walked = walk(source, from, to);
  if (walked.length !== expected.length || walked.some((tick, index) => tick !== expected[index])) {
    expect(listed(name, cron, walked)).toBe(listed(name, cron, expected));
  }
  const after = from + Math.floor(Math.min(...cuts) * (to - from));
  const at = from + Math.floor(Math.max(...cuts) * (to - from));
  const inRange = expected.filter((tick) => tick > after && tick <= at);
  const range = { name, cron: cron.text, after, at };
  expect({ ...range, count: source.count(range), last: source.last(range) }).toEqual({
    ...range,
    count: inRange.length,
    last: inRange.at(-1) ?? null,
  });
}

function walk(source: TickSource, from: number, to: number): number[] {
  const ticks: number[] = [];
  for (let tick = source.next(from - 1); tick !== null && tick < to; tick = source.next(tick)) ticks.push(tick);
  return ticks;
}

function listed(name: string, cron: Expression, ticks: readonly number[]): string {
  return `${cron.text} in ${name}: ${ticks.map((tick) => new Date(tick).toISOString()).join(' ')}`;
}

const cut = fc.double({ min: 0, max: 1, noNaN: true });
const cutPair = fc.tuple(cut, cut);

describe.each([
  ['Europe/Berlin', 2026],
  ['Europe/Chisinau', 2012],
  ['Europe/Chisinau', 2020],
  ['Europe/Dublin', 2026],
  ['America/Los_Angeles', 2026],
  ['America/Havana', 2026],
  ['America/Santiago', 2026],
  ['America/Sao_Paulo', 2018],
  ['America/Scoresbysund', 2024],
  ['America/Caracas', 2007],
  ['America/Boa_Vista', 2000],
  ['Africa/Cairo', 2026],
  ['Africa/Casablanca', 2026],
  ['Asia/Beirut', 2026],
  ['Asia/Gaza', 2026],
  // In UTC, New Year has not come yet.
  ['Asia/Kathmandu', 1985],
  ['Asia/Jerusalem', 2019],
  ['Asia/Pyongyang', 2015],
  ['Asia/Tehran', 2021],
  ['Antarctica/Casey', 2023],
  ['Antarctica/Troll', 2026],
  ['Australia/Lord_Howe', 2026],
  ['Pacific/Apia', 2011],
  ['Pacific/Chatham', 2026],
  ['Pacific/Kwajalein', 1993],
])('%s in %i', (zone, year) => {
  it('ticks as a scan of every minute around its changes does', () => {
    const found = changes(zone, year);
    expect(found.length).toBeGreaterThan(0);
    for (const changeAt of found) {
      const start = Math.floor(changeAt / MINUTE) * MINUTE - 3 * DAY;
      const steps = scan(wallClock(zone), start, start + 5 * DAY, MINUTE);
      fc.assert(
        fc.property(expression(atSecondZero, mostlyEveryDay), cutPair, (cron, cuts) => {
          const source = tickSource({ kind: 'cron', expression: cron.text, timezone: zone });
          expectSameTicks({ name: zone, cron, source, steps, from: start + 1.5 * DAY, cuts });
        }),
        { numRuns: 100 },
      );
    }
  });
});

describe.each([
  ['Africa/Monrovia', 1972],
  ['Africa/Casablanca', 2026],
  ['Antarctica/Casey', 2023],
  ['Australia/Lord_Howe', 2026],
  ['America/Santiago', 2026],
])('%s in %i, with seconds', (zone, year) => {
  it('ticks as a scan of every second around its changes does', () => {
    for (const changeAt of changes(zone, year)) {
      const start = changeAt - 6 * HOUR;
      const steps = scan(wallClock(zone), start, changeAt + 4 * HOUR, SECOND);
      fc.assert(
        fc.property(expression(field(0, 59), mostlyEveryDay), cutPair, (cron, cuts) => {
          const source = tickSource({ kind: 'cron', expression: cron.text, timezone: zone });
          expectSameTicks({ name: zone, cron, source, steps, from: start + 4 * HOUR, cuts });
        }),
        { numRuns: 30 },
      );
    }
  });
});

describe('a zone made up at random', () => {
  const quarterHours = fc.integer({ min: -48, max: 56 }).map((quarters) => quarters * 15 * MINUTE);
  // Around the seam where the timeline's stretches of 32 days meet.
  const seam = 32 * DAY * 640;
  const change = fc.record({
    gapMs: fc.integer({ min: 2 * 1440, max: 3 * 1440 }).map((n) => n * MINUTE),
    offset: quarterHours,
  });
  const zone = fc.record({
    first: quarterHours,
    firstAt: fc.integer({ min: -2 * 1440, max: 1440 }).map((minutes) => seam + minutes * MINUTE),
    changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  });

  it('ticks as a scan of every minute does', () => {
    fc.assert(
      fc.property(
        zone,
        fc.array(fc.tuple(expression(atSecondZero, mostlyEveryDay), cutPair), { minLength: 8, maxLength: 8 }),
        (made, crons) => {
          let changeAt = made.firstAt - (made.changes[0]?.gapMs ?? 0);
          const changes = made.changes.map(({ gapMs, offset }) => ({ at: (changeAt += gapMs), offset }));
          const offsetAt = (at: number): number =>
            changes.findLast((candidate) => candidate.at <= at)?.offset ?? made.first;
          const steps = scan((at) => at + offsetAt(at), seam - 5 * DAY, seam + 4 * DAY, MINUTE);
          for (const [cron, cuts] of crons) {
            const parsed = parseCron(cron.text);
            if (!parsed.ok) throw new Error(parsed.error);
            const source = cronTicks(parsed.fields, timelineOf(offsetAt));
            expectSameTicks({ name: JSON.stringify(changes), cron, source, steps, from: seam - 2 * DAY, cuts });
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the calendar', () => {
  it('picks the days that a scan of ten years of days does', () => {
    const from = Date.UTC(2023, 0, 1);
    const days = Array.from({ length: 3653 }, (_, index) => ({
      at: from + index * DAY,
      wall: read(from + index * DAY),
    }));
    fc.assert(
      fc.property(field(1, 12), someDays, (month, { day, weekday: dow, allows }) => {
        const allowed = days.filter(({ wall }) => month.allows(wall.month) && allows(wall)).map(({ at }) => at);
        // A date of no year is refused when saved; nothing to compare.
        fc.pre(allowed.length > 0);
        const text = `0 0 ${day.text} ${month.text} ${dow.text}`;
        const source = tickSource({ kind: 'cron', expression: text, timezone: 'UTC' });
        const to = from + 3653 * DAY;
        expect({ text, walked: walk(source, from, to) }).toEqual({ text, walked: allowed });
        expect(source.count({ after: from - 1, at: to - 1 })).toBe(allowed.length);
        expect(source.last({ after: from - 1, at: to - 1 })).toBe(allowed.at(-1));
      }),
      { numRuns: 300 },
    );
  });
});
