import { formatDuration } from '../values/duration.ts';
import { lengthOfTime, relativeTime } from './human-time.ts';

/** How instants and lengths of time are written in a view. */
export interface Times {
  /** An instant (RFC 3339); nothing for an absent one. */
  at(instant: string | undefined): string;
  /** An instant where there is room for both ways of telling it. */
  atInFull(instant: string): string;
  /** How long something took, or has been going on for. */
  length(ms: number): string;
  readonly nowMs: number;
}

/** For people: `in 3 m`, `2 s ago`, `1.2 s`. */
export function humanTimes(nowMs: number): Times {
  return {
    at: (instant) => (instant === undefined ? '' : relativeTime(instant, nowMs)),
    atInFull: (instant) => `${instant} (${relativeTime(instant, nowMs)})`,
    length: lengthOfTime,
    nowMs,
  };
}

/** To the millisecond, as the API gives them. */
export function exactTimes(nowMs: number): Times {
  return { at: (instant) => instant ?? '', atInFull: (instant) => instant, length: formatDuration, nowMs };
}
