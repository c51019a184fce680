export { applyStatuses } from './apply-events.ts';
export type { Context } from './context.ts';
export { jobTicks, startOfTick } from './job-ticks.ts';
export { publishOwed } from './publish-owed.ts';
export { createSchedulerEngine, type SchedulerEngine, type SchedulerSettings, type Turn } from './scheduler-engine.ts';
export { PICTURE_MAX_AGE_MS, settleDueTicks } from './settle-due-ticks.ts';
export { watchRuns } from './watch-runs.ts';
