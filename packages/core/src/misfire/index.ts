export type { MisfirePolicy } from '@simple-scheduler/contracts/vocabulary';
export {
  type DueInput,
  type DuePlan,
  MAX_SINGLE_SKIPS,
  type MisfireSettings,
  type PlannedTick,
  planDueTicks,
} from './plan-due-ticks.ts';
