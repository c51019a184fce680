import { boundedCache } from './bounded-cache.ts';
import { parseCron } from './cron-expression.ts';
import { cronTicks } from './cron-ticks.ts';
import { intervalTicks } from './interval-ticks.ts';
import type { Schedule, TickSource } from './schedule.ts';
import { validateTimezone, zoneTimeline } from './zone-timeline.ts';

/** A source takes about 2 KiB and 50 µs to make; many jobs share one expression and zone. */
const MAX_CRONS_KEPT = 4096;

const NO_TICKS: TickSource = { next: () => null, last: () => null, count: () => 0 };

/**
 * The ticks of a schedule. Sources hold no state that a caller could see; those of equal crons are the same object.
 * @throws RangeError when the schedule is invalid: validate with `validateCron` when it is saved
 */
export function tickSource(schedule: Schedule): TickSource {
  switch (schedule.kind) {
    case 'interval':
      return intervalTicks(schedule.intervalMs, schedule.anchorAt);
    case 'cron':
      return cachedCron(`${schedule.timezone}\n${schedule.expression}`);
    case 'once':
      return NO_TICKS;
  }
}

/** What is wrong with a cron schedule (syntax, a date that never comes, the zone), or null. */
export function validateCron(expression: string, timezone: string): string | null {
  const parsed = parseCron(expression);
  return parsed.ok ? validateTimezone(timezone) : parsed.error;
}

// No zone name holds a newline, so the key splits back unambiguously, and an invalid pair throws before it is kept.
const cachedCron = boundedCache(MAX_CRONS_KEPT, (key) => {
  const separator = key.indexOf('\n');
  const timezone = key.slice(0, separator);
  const parsed = parseCron(key.slice(separator + 1));
  if (!parsed.ok) throw new RangeError(parsed.error);
  const problem = validateTimezone(timezone);
  if (problem !== null) throw new RangeError(problem);
  return cronTicks(parsed.fields, zoneTimeline(timezone));
});
