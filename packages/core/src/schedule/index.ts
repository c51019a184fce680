export type { Schedule, TickSource } from './schedule.ts';
export { tickSource, validateCron } from './tick-source.ts';
export { validateTimezone } from './zone-timeline.ts';
export { boundedTicks, type TickBounds } from './bounded-ticks.ts';
