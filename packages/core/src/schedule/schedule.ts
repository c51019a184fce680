/** The rule that produces a job's ticks. Instants are epoch milliseconds, durations milliseconds. */
export type Schedule =
  /** Ticks at `anchorAt + k * intervalMs` for every integer k: the grid reaches both ways and never drifts. */
  | { readonly kind: 'interval'; readonly intervalMs: number; readonly anchorAt: number }
  /** Wall-clock ticks in an IANA zone; `cron-ticks.ts` tells what happens when its clocks change. */
  | { readonly kind: 'cron'; readonly expression: string; readonly timezone: string }
  /** One tick, kept by the caller as `nextRunAt`; the schedule itself adds none. */
  | { readonly kind: 'once' };

/**
 * The ticks of one schedule, as questions over half-open ranges. The answers agree with each other:
 * walking `next` through `(after, at]` visits `count` ticks and ends on `last`.
 */
export interface TickSource {
  /** First tick strictly after `after`, or null when there is none. */
  next(after: number): number | null;
  /** Last tick at or before `at` that is strictly greater than `after`, or null when there is none. */
  last(range: { readonly after: number; readonly at: number }): number | null;
  /** Number of ticks t with `after < t <= at`. Cheap for long ranges: whole days count by product. */
  count(range: { readonly after: number; readonly at: number }): number;
}
