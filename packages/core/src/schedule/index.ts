export { type CronParseResult, MAX_CRON_LENGTH, parseCron } from './cron-expression.ts';
export type { CronFields, DayOfMonthRule, DayOfWeekRule, DayRule } from './cron-fields.ts';
export type { Schedule, TickSource } from './schedule.ts';
export { tickSource, validateCron } from './tick-source.ts';
export { validateTimezone } from './zone-timeline.ts';
export { boundedTicks, type TickBounds } from './bounded-ticks.ts';
