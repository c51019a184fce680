export {
  type DueInput,
  type DuePlan,
  type MisfireSettings,
  type PlannedTick,
  planDueTicks,
} from './plan-due-ticks.ts';
