import type { MisfirePolicy } from '@simple-scheduler/contracts/vocabulary';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TickSource, tickSource } from '../schedule/index.ts';
import { type DueInput, type PlannedTick, planDueTicks } from './index.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const NOW = Date.UTC(2026, 5, 1, 12);

const minutely = tickSource({ kind: 'cron', expression: '* * * * *', timezone: 'UTC' });
const once = tickSource({ kind: 'once' });

function plan(input: Partial<DueInput> & { policy?: MisfirePolicy; limit?: number; graceMs?: number }): string[] {
  const { policy = 'fire_once', limit = 100, graceMs = MINUTE, ...rest } = input;
  const made = planDueTicks({
    source: minutely,
    nextRunAt: NOW,
    now: NOW,
    maxTicks: 1000,
    misfire: { policy, limit, graceMs },
    ...rest,
  });
  return [...made.ticks.map(shown), `next ${made.nextRunAt === null ? 'never' : ago(made.nextRunAt)}`];
}

/** Minutes and seconds before NOW. */
function ago(at: number): string {
  return ((NOW - at) / MINUTE).toString();
}

function shown(tick: PlannedTick): string {
  switch (tick.kind) {
    case 'run':
      return `${tick.trigger} ${ago(tick.scheduledAt)}`;
    case 'skipped':
      return `skipped ${ago(tick.scheduledAt)}`;
    case 'skipped_span':
      return `skipped ${ago(tick.from)} to ${ago(tick.to)}: ${tick.count}`;
  }
}

const minutesAgo = (minutes: number): number => NOW - minutes * MINUTE;

describe('planDueTicks', () => {
  it('plans nothing before the next tick', () => {
    expect(plan({ nextRunAt: NOW + 1 })).toEqual([`next ${ago(NOW + 1)}`]);
  });

  it('runs a tick that is just due and names the one after', () => {
    expect(plan({})).toEqual(['schedule 0', 'next -1']);
  });

  it('runs each late tick within the grace, whatever the policy', () => {
    for (const policy of ['fire_once', 'skip', 'fire_all'] as const) {
      const late = plan({ policy, nextRunAt: minutesAgo(3), graceMs: 3 * MINUTE, limit: 0 });
      expect(late).toEqual(['schedule 3', 'schedule 2', 'schedule 1', 'schedule 0', 'next -1']);
    }
  });

  it('counts a tick as missed only when it is older than the grace', () => {
    expect(plan({ nextRunAt: minutesAgo(2), graceMs: 2 * MINUTE - 1 })).toEqual([
      'misfire 2',
      'schedule 1',
      'schedule 0',
      'next -1',
    ]);
  });

  it('fire_once runs the latest missed tick and skips the older', () => {
    expect(plan({ nextRunAt: minutesAgo(4) })).toEqual([
      'skipped 4',
      'skipped 3',
      'misfire 2',
      'schedule 1',
      'schedule 0',
      'next -1',
    ]);
  });

  it('skip leaves every missed tick out', () => {
    expect(plan({ policy: 'skip', nextRunAt: minutesAgo(3) })).toEqual([
      'skipped 3',
      'skipped 2',
      'schedule 1',
      'schedule 0',
      'next -1',
    ]);
  });

  it('fire_all runs the oldest missed ticks up to its limit', () => {
    expect(plan({ policy: 'fire_all', limit: 2, nextRunAt: minutesAgo(5) })).toEqual([
      'misfire 5',
      'misfire 4',
      'skipped 3',
      'skipped 2',
      'schedule 1',
      'schedule 0',
      'next -1',
    ]);
    expect(plan({ policy: 'fire_all', limit: 0, nextRunAt: minutesAgo(2) })[0]).toBe('skipped 2');
  });

  it('records ten skipped ticks in a row singly and eleven as one span', () => {
    expect(plan({ policy: 'skip', nextRunAt: minutesAgo(11) }).filter((tick) => tick.startsWith('skipped'))).toEqual(
      [11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((minutes) => `skipped ${minutes}`),
    );
    expect(plan({ policy: 'skip', nextRunAt: minutesAgo(12) })).toEqual([
      'skipped 12 to 2: 11',
      'schedule 1',
      'schedule 0',
      'next -1',
    ]);
  });

  it('takes nextRunAt for a tick even where the schedule has none', () => {
    expect(plan({ nextRunAt: minutesAgo(0.5) })).toEqual(['schedule 0.5', 'schedule 0', 'next -1']);
    expect(plan({ nextRunAt: minutesAgo(2.5) })).toEqual([
      'skipped 2.5',
      'misfire 2',
      'schedule 1',
      'schedule 0',
      'next -1',
    ]);
  });

  it('ends a once job with its tick, run late, missed or skipped', () => {
    expect(plan({ source: once })).toEqual(['schedule 0', 'next never']);
    expect(plan({ source: once, nextRunAt: minutesAgo(9) })).toEqual(['misfire 9', 'next never']);
    expect(plan({ source: once, nextRunAt: minutesAgo(9), policy: 'skip' })).toEqual(['skipped 9', 'next never']);
    expect(plan({ source: once, nextRunAt: minutesAgo(9), policy: 'fire_all' })).toEqual(['misfire 9', 'next never']);
  });

  it('settles fifty years of missed seconds at once', () => {
    const source = tickSource({ kind: 'cron', expression: '* * * * * *', timezone: 'Europe/Berlin' });
    expect(plan({ source, nextRunAt: NOW - 50 * 365 * 1440 * MINUTE, graceMs: 0 })).toEqual([
      `skipped 26280000 to ${ago(NOW - 2 * SECOND)}: ${50 * 365 * 86_400 - 1}`,
      `misfire ${ago(NOW - SECOND)}`,
      'schedule 0',
      `next ${ago(NOW + SECOND)}`,
    ]);
  });
});

describe('a plan cut at maxTicks', () => {
  it('goes on with the next late tick', () => {
    const everyMs = tickSource({ kind: 'interval', intervalMs: 1, anchorAt: 0 });
    const input = { source: everyMs, nextRunAt: NOW - MINUTE, graceMs: MINUTE, limit: 3, maxTicks: 3 };
    expect(plan(input)).toHaveLength(4);
    expect(plan(input).at(-1)).toBe(`next ${ago(NOW - MINUTE + 3)}`);
  });

  it('leaves the late ticks to the next plan when the missed ones fill it', () => {
    expect(plan({ policy: 'fire_all', limit: 2, nextRunAt: minutesAgo(5), maxTicks: 2 })).toEqual([
      'misfire 5',
      'misfire 4',
      'skipped 3',
      'skipped 2',
      'next 1',
    ]);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses maxTicks %s, which would never get on', (maxTicks) => {
    expect(() => plan({ maxTicks, limit: 0 })).toThrow(RangeError);
  });

  it('refuses to be cut among the missed ticks, of which the next one would run as many again', () => {
    expect(() => plan({ policy: 'fire_all', limit: 3, maxTicks: 2 })).toThrow(RangeError);
  });
});

describe('any plan', () => {
  /** A schedule of exactly these ticks. */
  function sourceOf(ticks: readonly number[]): TickSource {
    return {
      next: (after) => ticks.find((tick) => tick > after) ?? null,
      last: ({ after, at }) => ticks.findLast((tick) => tick > after && tick <= at) ?? null,
      count: ({ after, at }) => ticks.filter((tick) => tick > after && tick <= at).length,
    };
  }

  const cases = fc.record({
    ticks: fc.uniqueArray(fc.integer({ min: -60, max: 60 }), { maxLength: 70 }).map((all) => all.sort((a, b) => a - b)),
    nextRunAt: fc.integer({ min: -60, max: 10 }),
    now: fc.integer({ min: -5, max: 50 }),
    policy: fc.constantFrom<MisfirePolicy>('fire_once', 'skip', 'fire_all'),
    limit: fc.integer({ min: 0, max: 40 }),
    graceMs: fc.integer({ min: 0, max: 40 }),
    maxTicks: fc.integer({ min: 1, max: 100 }),
  });

  type Given = typeof cases extends fc.Arbitrary<infer T> ? T : never;

  /** What the contract says of each due tick, one by one: its trigger, or none when it is skipped. */
  function decisions({ ticks, nextRunAt, now, policy, limit, graceMs }: Given): [number, string][] {
    const due = nextRunAt > now ? [] : [nextRunAt, ...ticks.filter((tick) => tick > nextRunAt && tick <= now)];
    const missed = due.filter((tick) => now - tick > graceMs);
    return due.map((tick, index) => {
      if (index >= missed.length) return [tick, 'schedule'];
      const runs = policy === 'fire_all' ? index < limit : policy === 'fire_once' && index === missed.length - 1;
      return [tick, runs ? 'misfire' : 'skipped'];
    });
  }

  function settled(tick: PlannedTick, ticks: readonly number[]): [number, string][] {
    if (tick.kind === 'run') return [[tick.scheduledAt, tick.trigger]];
    if (tick.kind === 'skipped') return [[tick.scheduledAt, 'skipped']];
    const inside = [tick.from, ...ticks.filter((other) => other > tick.from && other <= tick.to)];
    expect(inside).toHaveLength(tick.count);
    expect(inside.at(-1)).toBe(tick.to);
    expect(tick.count).toBeGreaterThan(10);
    return inside.map((other) => [other, 'skipped']);
  }

  it('settles every due tick exactly once, in order, in as many parts as it takes', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const source = sourceOf(given.ticks);
        const found: [number, string][] = [];
        const misfire = { policy: given.policy, limit: given.limit, graceMs: given.graceMs };
        const maxTicks = Math.max(given.maxTicks, given.limit);
        let nextRunAt: number | null = given.nextRunAt;
        let singles = 0;
        for (let parts = 0; nextRunAt !== null && nextRunAt <= given.now; parts++) {
          expect(parts).toBeLessThan(130);
          const made = planDueTicks({ source, nextRunAt, now: given.now, misfire, maxTicks });
          expect(made.ticks.filter(({ kind }) => kind === 'run').length).toBeLessThanOrEqual(maxTicks);
          expect(made.ticks.length).toBeGreaterThan(0);
          singles += made.ticks.filter(({ kind }) => kind === 'skipped').length;
          found.push(...made.ticks.flatMap((tick) => settled(tick, given.ticks)));
          nextRunAt = made.nextRunAt;
        }
        expect(found).toEqual(decisions(given));
        expect(singles).toBeLessThanOrEqual(10);
        const expectedNext =
          given.nextRunAt > given.now ? given.nextRunAt : source.next(Math.max(given.now, given.nextRunAt));
        expect(nextRunAt).toBe(expectedNext);
      }),
      { numRuns: 3000 },
    );
  });
});
