import type { TickSource } from './schedule.ts';

export interface TickBounds {
  /** No tick before this moment, epoch ms. */
  readonly startAt?: number | undefined;
  /** No tick after this moment; one exactly at it counts. */
  readonly endAt?: number | undefined;
}

/** The ticks of `source` from `startAt` to `endAt`. */
export function boundedTicks(source: TickSource, bounds: TickBounds): TickSource {
  const { startAt, endAt } = bounds;
  if (startAt === undefined && endAt === undefined) return source;
  const later = (after: number): number => (startAt === undefined ? after : Math.max(after, startAt - 1));
  const earlier = (at: number): number => (endAt === undefined ? at : Math.min(at, endAt));
  return {
    next: (after) => {
      const tick = source.next(later(after));
      return tick !== null && tick <= earlier(tick) ? tick : null;
    },
    last: ({ after, at }) =>
      earlier(at) <= later(after) ? null : source.last({ after: later(after), at: earlier(at) }),
    count: ({ after, at }) =>
      earlier(at) <= later(after) ? 0 : source.count({ after: later(after), at: earlier(at) }),
  };
}
